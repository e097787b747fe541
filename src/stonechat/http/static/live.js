// Live pages of beacons and boards. They work without this; with it they say what is so now.
//
// A page names what it watches: data-watch is a stream of events, data-read the same as JSON for
// when the stream cannot be held. What came is put into the page as text, never as markup.
"use strict";

(() => {
  const POLL_MS = 10_000;
  const LOST_AFTER_MS = 5_000;
  const HISTORY_SHOWN = 20;
  const BADGE_MS = 10_000;
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
  // Some parts only the server knows how to draw: they are taken from a fresh copy of the page.
  let drawing = null;
  const redraw = async () => {
    const mine = (drawing = {});
    const answer = await fetch(location.pathname).catch(() => null);
    const text = answer?.ok ? await answer.text() : "";
    // Who asked later is told more.
    if (drawing !== mine) return;
    drawing = null;
    const page = new DOMParser().parseFromString(text, "text/html");
    for (const name of ["description", "history"]) {
      const [node, fresh] = [part(name), part(name, page)];
      if (!node || !fresh) continue;
      node.replaceChildren(...document.importNode(fresh, true).childNodes);
      node.hidden = fresh.hidden;
    }
  };
  let description = null;
  const isDescribed = (text) => {
    const node = part("description");
    if (!node) return true;
    // What the server wrote at first is the same text with links and breaks in it.
    const squeeze = (words) => words.replace(/\s+/g, "");
    const isSame =
      description === null ? squeeze(node.textContent) === squeeze(text) : description === text;
    description = text;
    return isSame;
  };
  const remember = (told) => {
    const list = part("history");
    const missed = told.changes - Number(root.dataset.changes);
    root.dataset.changes = told.changes;
    tell(part("changes"), String(told.changes));
    // What was so in between is written down there, and nowhere else.
    const isLacking = list && missed > 0 && (missed > 1 || told.isStale || drawing);
    if (!isDescribed(told.description) || isLacking) return redraw();
    if (list && missed === 1) prepend(list, told);
  };
  const prepend = (list, told) => {
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
  let pictured = null;
  let badgeTimer = 0;
  let badgeAt = -Infinity;
  const renewBadge = (told) => {
    const badge = part("badge");
    if (!badge) return;
    const alt = `Badge: ${told.name}, ${told.value}`;
    const picture = `${alt} ${told.colorNo}`;
    if (picture === (pictured ?? `${badge.alt} ${told.colorNo}`)) return;
    pictured = picture;
    clearTimeout(badgeTimer);
    badgeTimer = setTimeout(() => {
      badgeAt = Date.now();
      // Another address: the browser may still keep the picture of the old one.
      badge.src = `${badge.getAttribute("src").split("?")[0]}?at=${badgeAt}`;
      badge.alt = alt;
    }, Math.max(0, badgeAt + BADGE_MS - Date.now()));
  };
  const site = document.querySelector('meta[property="og:site_name"]')?.content;
  const showBeacon = (told) => {
    show(part("panel"), told);
    part("stale").hidden = !told.isStale;
    document.title = [told.value, told.name, site].filter(Boolean).join(" · ");
    renewBadge(told);
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
  let source;
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
    if (isOver) return;
    isOver = true;
    source.close();
    held();
    // What is not for everybody any more may still be for whoever is signed in: the page knows.
    const answer = await fetch(location.pathname, { method: "HEAD" }).catch(() => null);
    if (answer?.ok) return reload();
    clearTimeout(badgeTimer);
    root.classList.add("over");
    complain("It is over: this is no longer here, or no longer for you to see.");
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
    if (isOver) return;
    source = new EventSource(root.dataset.watch);
    source.onopen = held;
    source.onmessage = (event) => {
      held();
      take(event.data);
    };
    source.addEventListener("gone", end);
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
