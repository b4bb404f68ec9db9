"use strict";
// Live updates. Events carry ids only; what may be seen is fetched. Nothing on the screen moves by itself: a quiet bar
// says how many have come, counts change in their places, and the open case is drawn again unless somebody is typing.
(() => {
  const place = () => document.querySelector("[data-live]");
  if (!place()) return;
  const FIRST_WAIT_MS = 1000;
  const LONGEST_WAIT_MS = 60000;
  const SOON_MS = 50; // one step often announces several things at once
  const REST_MS = 500; // so long after one look the next begins, however much happens
  let wait = FIRST_WAIT_MS;
  let source = null;
  let gathering = 0;
  let restedAt = 0;
  let openChanged = false;

  const shownCase = () => document.querySelector("#open [data-case]");
  const typing = () => {
    const active = document.activeElement;
    return globalThis.desk.unsaved() || Boolean(active?.closest("#open") && active.matches("input, textarea, select"));
  };

  const lookSoon = () => {
    gathering ||= setTimeout(refresh, Math.max(SOON_MS, restedAt - performance.now()));
  };

  const refresh = () => {
    gathering = 0;
    restedAt = performance.now() + REST_MS;
    const list = document.getElementById("list");
    if (!place()) return;
    const pulse = new URL(place().dataset.pulse, location.href);
    pulse.searchParams.set("since", list?.dataset.newest || "0");
    if (document.getElementById("fresh")) htmx.ajax("GET", pulse.href, { target: "#fresh", swap: "outerHTML" });
    if (!openChanged || !shownCase()) return;
    openChanged = false;
    if (typing()) document.getElementById("case-changed").hidden = false;
    else htmx.ajax("GET", shownCase().dataset.url, { target: "#open", swap: "innerHTML", headers: { "X-Quiet": "1" } });
  };

  const heard = (event) => {
    const { ids } = JSON.parse(event.data);
    if (event.type === "case" && shownCase() && ids.includes(Number(shownCase().dataset.case))) openChanged = true;
    lookSoon();
  };

  // Who looks at what is another script's (here.js).
  const passOn = (event) => {
    const { ids } = JSON.parse(event.data);
    document.dispatchEvent(new CustomEvent("live", { detail: { kind: event.type, ids } }));
  };

  const again = () => {
    source?.close();
    source = null;
    setTimeout(listen, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  };

  const listen = async () => {
    if (document.hidden) return; // comes back with visibilitychange
    try {
      const answer = await fetch(place().dataset.ticket, { headers: { Accept: "application/json" }, redirect: "error" });
      if (!answer.ok) throw new Error(String(answer.status));
      const { ticket } = await answer.json();
      source = new EventSource(`/live?ticket=${encodeURIComponent(ticket)}`);
    } catch {
      again();
      return;
    }
    source.addEventListener("open", () => {
      wait = FIRST_WAIT_MS;
    });
    for (const kind of ["case", "message", "outgoing", "surge"]) source.addEventListener(kind, heard);
    for (const kind of ["at-case", "at-message"]) source.addEventListener(kind, passOn);
    // A ticket opens one connection: a new one is needed, so the browser's own retry is stopped.
    source.addEventListener("error", again);
  };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    lookSoon(); // what was missed meanwhile
    if (!source) listen();
  });
  // Our own steps change counts too, also where live updates can't be had.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig.verb === "post") lookSoon();
  });
  listen();
})();
