// The desk. Its pages work without this; with it a tap does not load the page anew, and what changes
// elsewhere is put in its place. What is shown is always what the server drew: elements that are
// marked data-live are taken from a fresh copy of the very page.
"use strict";

(() => {
  const GAP_MS = 1_500;
  const POLL_MS = 30_000;
  const AGAIN_MS = 10_000;

  // Putting a fresh page in place -------------------------------------------------------------

  const put = (fresh) => {
    for (const node of document.querySelectorAll("[data-live]")) {
      const other = fresh.getElementById(node.id);
      if (!other || other.innerHTML === node.innerHTML) continue;
      const hasFocus = node.contains(document.activeElement);
      // The node itself stays: a live region that is another one is not read out.
      node.replaceChildren(...document.importNode(other, true).childNodes);
      // What was focused is gone; the keyboard goes on from the same place.
      if (hasFocus) {
        node.tabIndex = -1;
        node.focus({ preventScroll: true });
      }
    }
    const drawn = (page) => [...page.querySelectorAll(".place[id], .taps button")];
    const list = (page) => drawn(page).map((each) => each.id || each.value).join("\n");
    if (list(fresh) === list(document)) {
      // The buttons stay, too, and the focus with them; another one of them may hold now.
      const others = drawn(fresh);
      drawn(document).forEach((each, at) => { each.ariaCurrent = others[at].ariaCurrent; });
    } else if (!isTyping()) {
      // Another set of beacons, or buttons: the server knows how to draw them.
      location.reload();
    }
    if (document.title !== fresh.title) document.title = fresh.title;
  };
  const isTyping = () =>
    [...document.querySelectorAll("input:not([type=hidden]), textarea")].some(
      (each) => !each.readOnly && each.type !== "radio" && each.value !== each.defaultValue,
    );
  const parse = (text) => new DOMParser().parseFromString(text, "text/html");

  let freshAt = 0;
  let timer = 0;
  const renew = () => {
    if (timer) return;
    const wait = Math.max(0, freshAt + GAP_MS - Date.now());
    timer = setTimeout(async () => {
      freshAt = Date.now();
      timer = 0;
      try {
        const answer = await fetch(location.pathname + location.search, { redirect: "error" });
        if (answer.status === 404) location.reload();
        if (answer.ok) put(parse(await answer.text()));
      } catch {
        // Offline, or signed out: what stands here stays until the next try.
      }
    }, wait);
  };

  // Setting a value ---------------------------------------------------------------------------

  const send = async (form, button) => {
    // Each tap is a form of its own; sent again the usual way, it is the same one.
    form.elements.once.value = crypto.randomUUID?.() ?? String(Math.random());
    const fields = new URLSearchParams(new FormData(form));
    if (button?.name) fields.set(button.name, button.value);
    // Not form.action: that is a field of ours, which bears the name.
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body: fields });
    // Elsewhere is where one signs in.
    const isDesk = new URL(answer.url).pathname.startsWith("/beacons");
    if (!answer.ok || !isDesk) throw new Error(String(answer.status));
    return answer.text();
  };
  const tap = async (event) => {
    const form = event.target;
    const button = event.submitter;
    event.preventDefault();
    if (form.classList.contains("is-busy")) return;
    form.classList.add("is-busy");
    try {
      const text = await send(form, button);
      form.reset();
      put(parse(text));
    } catch {
      // The page that says why comes the usual way.
      form.removeAttribute("data-tap");
      form.requestSubmit(button);
    } finally {
      form.classList.remove("is-busy");
    }
  };
  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-tap]")) tap(event);
  });

  // Copying -----------------------------------------------------------------------------------

  for (const place of document.querySelectorAll(".copy")) {
    const field = place.querySelector("input, textarea");
    field.addEventListener("focus", () => field.select());
    if (!navigator.clipboard) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(field.value);
      button.textContent = "Copied";
    });
    place.append(button);
  }

  // Listening ---------------------------------------------------------------------------------

  const listen = (path) => {
    const source = new EventSource(path);
    let isFirst = true;
    source.onmessage = () => {
      // The first one tells what stands here already, or what came while the page was drawn.
      if (!isFirst || Date.now() - performance.timeOrigin > GAP_MS) renew();
      isFirst = false;
    };
    source.addEventListener("gone", () => {
      source.close();
      renew();
      // Gone for some: whoever has a role on it may listen again.
      setTimeout(() => listen(path), AGAIN_MS);
    });
    source.onerror = () => {
      isFirst = false;
      if (source.readyState === EventSource.CLOSED) setTimeout(() => listen(path), AGAIN_MS);
    };
  };
  if (document.querySelector("[data-live]")) {
    listen(document.querySelector("[data-events]")?.dataset.events ?? "/beacons/news");
    setInterval(() => document.visibilityState === "visible" && renew(), POLL_MS);
    // A page that comes back out of a browser's memory may be old.
    addEventListener("pageshow", (event) => event.persisted && location.reload());
  }
})();
