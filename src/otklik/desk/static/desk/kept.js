"use strict";
// What is typed into a long form stays over a reload and a wrong click, in this tab alone: it holds people's data, and
// the next person at this machine opens a tab of their own. Forgotten once the city has it. Without it the form works.
(() => {
  const key = (name) => `kept:${name}`;
  const gone = document.querySelector("[data-kept-forget]");
  if (gone) sessionStorage.removeItem(key(gone.dataset.keptForget));

  const form = document.querySelector("form[data-kept]");
  if (!form) return;
  const fields = () =>
    [...form.elements].filter((one) => one.name && !["hidden", "file", "submit", "button"].includes(one.type));
  const name = (one) => (["radio", "checkbox"].includes(one.type) ? `${one.name}=${one.value}` : one.name);
  const value = (one) => (["radio", "checkbox"].includes(one.type) ? one.checked : one.value);

  const typed = JSON.parse(sessionStorage.getItem(key(form.dataset.kept)) || "{}");
  if (!form.querySelector("[role=alert]"))
    for (const one of fields()) {
      const kept = typed[name(one)];
      if (kept === undefined) continue;
      if (typeof kept === "boolean") one.checked = kept;
      else one.value = kept;
    }

  form.addEventListener("input", () => {
    const now = Object.fromEntries(fields().map((one) => [name(one), value(one)]));
    sessionStorage.setItem(key(form.dataset.kept), JSON.stringify(now));
  });
})();
