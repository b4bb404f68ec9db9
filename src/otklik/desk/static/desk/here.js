"use strict";
// Who else is here. The open case or message says every 20 seconds that it is looked at, every 5 while letters come; a
// change comes by the live line, and only those who show that row ask who it is. What nobody repeats fades by itself.
(() => {
  const cockpit = () => document.querySelector("[data-here]");
  if (!cockpit()) return;
  const REPEAT_MS = 20000;
  const TYPING_MS = 5000;
  const SETTLE_MS = 300;
  let open = null;
  let typedAt = 0;
  let saidTypingAt = 0;
  let fading = 0;
  let asking = 0;
  const changed = new Set();

  const shown = () => {
    const one = document.querySelector("#open [data-case], #open [data-message]");
    if (!one) return null;
    return one.dataset.case ? { at: "case", ref: one.dataset.case } : { at: "message", ref: one.dataset.message };
  };
  const rowsAt = () => cockpit().dataset.what;
  const rows = () => [...document.querySelectorAll("[data-rows] > [data-id]")];

  const body = (state, place) => {
    const said = new FormData();
    said.set("csrfmiddlewaretoken", cockpit().querySelector("[name=csrfmiddlewaretoken]").value);
    for (const [name, value] of Object.entries({ ...place, state })) said.set(name, value);
    return said;
  };

  const draw = (place, told) => {
    clearTimeout(fading);
    const bar = document.getElementById("others-here");
    const here = shown();
    if (bar && here && place.at === here.at) {
      const mine = told[here.ref];
      if (mine || place.refs.includes(here.ref)) {
        bar.hidden = !mine;
        bar.querySelector("span").textContent = mine ? mine.words : "";
        bar.classList.toggle("typing", Boolean(mine?.typing));
      }
    }
    if (place.at === rowsAt())
      for (const row of rows()) {
        if (!place.refs.includes(row.dataset.id)) continue;
        const mark = row.querySelector(".row-others");
        if (!mark) continue;
        mark.hidden = !told[row.dataset.id];
        mark.title = told[row.dataset.id]?.words || "";
        mark.querySelector(".for-screen-readers").textContent = mark.title;
      }
    const soonest = Math.min(...Object.values(told).map((one) => one.for_s));
    if (Number.isFinite(soonest)) fading = setTimeout(ask, soonest * 1000, place.at, place.refs);
  };

  const ask = async (at, refs) => {
    if (!refs.length || document.hidden) return;
    const url = new URL(cockpit().dataset.others, location.href);
    url.searchParams.set("at", at);
    for (const ref of refs) url.searchParams.append("ref", ref);
    const answer = await fetch(url, { redirect: "error" }).catch(() => null);
    if (answer?.ok) draw({ at, refs }, await answer.json());
  };

  const say = async (state) => {
    const place = shown();
    if (!place || document.hidden) return;
    const answer = await fetch(cockpit().dataset.here, { method: "POST", body: body(state, place), redirect: "error" }).catch(
      () => null,
    );
    if (answer?.ok) draw({ at: place.at, refs: [place.ref] }, await answer.json());
  };

  const gone = (place) => place && navigator.sendBeacon(cockpit().dataset.here, body("gone", place));

  const look = () => {
    const now = shown();
    if (open && (!now || now.ref !== open.ref || now.at !== open.at)) gone(open);
    if (now && (!open || now.ref !== open.ref)) typedAt = saidTypingAt = 0;
    open = now;
    say("looking");
  };

  document.addEventListener("input", (event) => {
    if (!event.target.closest?.("#open") || !event.target.matches("textarea")) return;
    typedAt = Date.now();
    if (typedAt - saidTypingAt < TYPING_MS) return;
    saidTypingAt = typedAt;
    say("typing");
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target?.id === "open") look();
  });
  document.addEventListener("live", (event) => {
    const { kind, ids } = event.detail;
    if (kind !== `at-${rowsAt()}` && kind !== `at-${shown()?.at}`) return;
    const visible = new Set([...rows().map((row) => row.dataset.id), shown()?.ref]);
    for (const id of ids) if (visible.has(String(id))) changed.add(String(id));
    // A moment's patience, each page its own: many that show one row don't ask at once.
    if (changed.size)
      asking ||= setTimeout(() => {
        asking = 0;
        ask(kind.slice(3), [...changed]);
        changed.clear();
      }, SETTLE_MS * (1 + Math.random()));
  });
  document.addEventListener("visibilitychange", () => (document.hidden ? gone(shown()) : look()));
  addEventListener("pagehide", () => gone(shown()));
  setInterval(() => say(Date.now() - typedAt < TYPING_MS * 2 ? "typing" : "looking"), REPEAT_MS);
  look();
  ask(rowsAt(), rows().map((row) => row.dataset.id));
})();
