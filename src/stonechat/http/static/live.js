// Live pages of beacons and boards. They work without this; with it they say what is so now.
//
// A page names what it watches: data-watch is a stream of events, data-read the same as JSON for
// when the stream cannot be held. What came is put into the page as text, never as markup.
"use strict";

(() => {
  const POLL_MS = 10_000;
  const LOST_AFTER_MS = 5_000;
  const HISTORY_SHOWN = 20;
  const root = document.querySelector("[data-watch]");
  if (!root) return;

  const part = (name, within = root) => within.querySelector(`[data-live="${name}"]`);
  const tell = (node, text) => {
    if (node && node.textContent !== text) node.textContent = text;
  };
  const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
  const two = (number) => String(number).padStart(2, "0");
  const words = (at) =>
    `${at.getUTCDate()} ${months[at.getUTCMonth()]} ${at.getUTCFullYear()}, ` +
    `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
  const units = [
    ["year", 365 * 86400], ["month", 30 * 86400], ["day", 86400], ["hour", 3600], ["minute", 60],
  ];
  const age = (at) => {
    const seconds = (Date.now() - at) / 1000;
    for (const [name, length] of units) {
      const count = Math.floor(seconds / length);
      if (count >= 1) return `${count} ${name}${count === 1 ? "" : "s"} ago`;
    }
    return "just now";
  };
  const recolour = (node, number) => {
    for (const each of [...node.classList]) if (/^hue-/.test(each)) node.classList.remove(each);
    node.classList.add(`hue-${number}`);
  };
  const date = (node, at) => {
    if (!node) return;
    node.dateTime = at.toISOString().replace(/\.\d+Z$/, "Z");
    tell(node, words(at));
  };
  const renew = () => {
    for (const node of root.querySelectorAll('[data-live="age"]')) {
      const time = node.closest(".since").querySelector("time");
      tell(node, age(new Date(time.dateTime)));
    }
  };

  // Whatever we got wrong, a page is not drawn anew all the time.
  const reload = () =>
    void setTimeout(() => location.reload(), Math.max(0, 5_000 - performance.now()));

  // A beacon ---------------------------------------------------------------------------------

  const show = (node, told) => {
    const at = new Date(told.changedAt);
    const name = part("name", node);
    tell(name && (name.querySelector("bdi") || name), told.name);
    tell(part("value", node), told.value);
    tell(part("color", node), told.color);
    date(part("changed", node), at);
    tell(part("age", node), age(at));
    node.classList.toggle("stale", told.isStale);
    recolour(node, told.colorNo);
  };
  const describe = (node, text) => {
    if (!node || node.dataset.told === text) return;
    // What the server wrote is the same text with links in it: it stays until that changes.
    const isFirst = node.dataset.told === undefined;
    node.dataset.told = text;
    const squeezed = (words) => words.replace(/\s+/g, "");
    if (isFirst && squeezed(node.textContent) === squeezed(text)) return;
    node.replaceChildren();
    const line = node.appendChild(document.createElement("p"));
    text.split(/(https?:\/\/[^\s<>"]+)/).forEach((piece, number) => {
      if (number % 2 === 0) return void line.append(piece);
      const link = line.appendChild(document.createElement("a"));
      link.href = piece;
      link.rel = "nofollow noopener noreferrer ugc";
      link.textContent = piece;
    });
    node.hidden = text === "";
  };
  const remember = async (told) => {
    const list = part("history");
    const missed = told.changes - Number(root.dataset.changes);
    root.dataset.changes = told.changes;
    tell(part("changes"), String(told.changes));
    if (!list || missed <= 0) return;
    if (missed > 1 || told.isStale) {
      // What was so in between is written down there, and nowhere else.
      const answer = await fetch(location.pathname, { headers: { accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector('[data-live="history"]');
      if (answer.ok && fresh) list.replaceChildren(...document.importNode(fresh, true).children);
      return;
    }
    const item = document.createElement("li");
    const add = (tag, name, text) => {
      const node = item.appendChild(document.createElement(tag));
      if (name) node.className = name;
      node.textContent = text;
      return node;
    };
    const at = new Date(told.changedAt);
    add("span", `dot hue-${told.colorNo}`, "").setAttribute("aria-hidden", "true");
    add("span", "was", told.value).dir = "auto";
    item.append(" ");
    add("span", "hue", told.color);
    item.append(" ");
    date(add("time", "", ""), at);
    list.prepend(item);
    while (list.children.length > HISTORY_SHOWN) list.lastElementChild.remove();
  };
  const site = document.title.split(" · ").slice(2).join(" · ");
  const showBeacon = (told) => {
    show(part("panel"), told);
    part("stale").hidden = !told.isStale;
    describe(part("description"), told.description);
    document.title = [told.value, told.name, site].filter(Boolean).join(" · ");
    const badge = part("badge");
    if (badge) {
      // Another address: the browser may still keep the picture of the old one.
      badge.src = `${badge.getAttribute("src").split("?")[0]}?at=${Date.parse(told.changedAt)}`;
      badge.alt = `Badge: ${told.name}, ${told.value}`;
    }
    return remember(told);
  };

  // A board ----------------------------------------------------------------------------------

  const showBoard = (told) => {
    const tiles = new Map();
    for (const node of root.querySelectorAll("[data-beacon]")) tiles.set(node.dataset.beacon, node);
    const ids = told.beacons.map((each) => each.shareId);
    // Others stand there now, or in another order: the server knows how to draw them.
    if (ids.join() !== [...tiles.keys()].join()) return reload();
    for (const each of told.beacons) show(tiles.get(each.shareId), each);
    const sum = part("sum");
    tell(sum, told.summary);
    sum.className = `sum severity-${told.severity}`;
    document.title = [told.summary, told.name, site].filter(Boolean).join(" · ");
  };

  const take = (text) => {
    const told = JSON.parse(text);
    return told.beacons ? showBoard(told) : showBeacon(told);
  };

  // The connection ---------------------------------------------------------------------------

  const lost = part("lost");
  let lostTimer = 0;
  let pollTimer = 0;
  let isOver = false;
  const complain = (text) => {
    tell(lost, text);
    lost.hidden = text === "";
  };
  const held = () => {
    clearTimeout(lostTimer);
    clearInterval(pollTimer);
    lostTimer = pollTimer = 0;
    if (!isOver) complain("");
  };
  const end = async () => {
    held();
    isOver = true;
    complain("This is no longer here, or no longer for you to see.");
    // What is not for everybody any more may still be for whoever is signed in.
    const answer = await fetch(location.pathname, { method: "HEAD" }).catch(() => null);
    if (answer && answer.ok) reload();
  };
  const poll = async () => {
    try {
      const answer = await fetch(root.dataset.read, { cache: "no-cache" });
      if (answer.status === 404) return end();
      if (!answer.ok) throw new Error(String(answer.status));
      await take(await answer.text());
      complain("The connection is slow: news may come some seconds late.");
    } catch {
      complain("The connection is lost. What stands here may be out of date.");
    }
  };
  const lose = () => {
    if (lostTimer || isOver) return;
    lostTimer = setTimeout(() => {
      complain("The connection is lost. What stands here may be out of date.");
      if (!root.dataset.read) return;
      poll();
      pollTimer = setInterval(poll, POLL_MS);
    }, LOST_AFTER_MS);
  };
  const listen = () => {
    const source = new EventSource(root.dataset.watch);
    source.onopen = held;
    source.onmessage = (event) => {
      held();
      take(event.data);
    };
    source.addEventListener("gone", async () => {
      source.close();
      // What is no longer for everybody may still be for whoever looks: the page knows.
      const answer = await fetch(location.pathname).catch(() => null);
      if (answer?.ok) location.reload();
      else end();
    });
    source.onerror = () => {
      lose();
      // A refusal, unlike a break, is final for a browser: ask again by and by.
      if (source.readyState === EventSource.CLOSED && !isOver) setTimeout(listen, POLL_MS);
    };
  };

  for (const field of document.querySelectorAll(".copied"))
    field.addEventListener("focus", () => field.select());
  setInterval(renew, 20_000);
  renew();
  listen();
})();
