"use strict";
// The keyboard: one letter each; `?` shows them. Everything is reachable by Tab as well.
(() => {
  const rows = () => [...document.querySelectorAll("[data-rows] > [data-id]")];
  const target = (name) => document.querySelector(`[data-key-target="${name}"]`);
  const view = (code) => document.querySelector(`.rail a[href*="${code}"]`);
  let went = 0;

  const walk = (step) => {
    const all = rows();
    if (!all.length) return;
    const focused = all.findIndex((row) => row.contains(document.activeElement));
    const here = focused >= 0 ? focused : all.findIndex((row) => row.hasAttribute("aria-current"));
    const next = here < 0 ? 0 : Math.min(Math.max(here + step, 0), all.length - 1);
    all[next].querySelector(".row-title").focus();
    all[next].scrollIntoView({ block: "nearest" });
  };

  const unfold = (field) => {
    if (!field) return;
    field.closest("details")?.setAttribute("open", "");
    field.focus();
    field.scrollIntoView({ block: "nearest" });
  };

  const keys = {
    j: () => walk(1),
    k: () => walk(-1),
    ArrowDown: () => walk(1),
    ArrowUp: () => walk(-1),
    o: () => document.activeElement.closest?.("[data-rows] .row-title")?.click(),
    e: () => unfold(target("answer")),
    a: () => unfold(target("approve")),
    t: () => target("take")?.click(),
    s: () => unfold(target("same")),
    d: () => unfold(target("not-same")),
    1: () => unfold(target("offer-1")),
    2: () => unfold(target("offer-2")),
    3: () => unfold(target("offer-3")),
    y: () => target("accept")?.click(),
    p: () => unfold(target("place")),
    r: () => target("fresh")?.click(),
    n: () => unfold(target("note")),
    w: () => view("/reception/") && globalThis.location.assign(`${view("/reception/").href}new/`),
    x: (event) => globalThis.pick.toggle(event.shiftKey),
    b: () => target("bulk")?.checkVisibility() && target("bulk").focus(),
    m: () => {
      const many = target("bulk-macros");
      (many?.checkVisibility() ? many : target("macros"))?.click();
    },
    "/": () => unfold(target("find")),
  };
  const places = { i: "view=open", s: "/sort/", h: "/head/", u: "/undelivered/", m: "view=mine", r: "/reception/" };

  // A Russian layout gives “о” where “j” is printed: the key's place counts then.
  const meant = ({ key, code, shiftKey }) => {
    if (/^[a-z]$/i.test(key)) return key.toLowerCase();
    if (code.startsWith("Key")) return code.slice(3).toLowerCase();
    return code === "Slash" && !shiftKey ? "/" : key;
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const inPane = event.key.startsWith("Arrow") && event.target.closest(".case-thread, .case-facts, .table-wrap");
    if (inPane) return; // arrows scroll what one reads
    const key = meant(event);
    if (Date.now() - went < 1200 && places[key]) {
      went = 0;
      event.preventDefault();
      view(places[key])?.click();
      return;
    }
    if (key === "g") went = Date.now();
    else if (keys[key]) {
      event.preventDefault();
      keys[key](event);
    }
  });
})();
