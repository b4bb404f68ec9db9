"use strict";
// Choosing many rows: x takes the row at hand, Shift+x all from the last one; b goes to what is to be done.
(() => {
  const boxes = () => [...document.querySelectorAll("[data-rows] [data-pick]")];
  let last = null;

  const count = () => {
    const place = document.querySelector("[data-picked]");
    if (!place) return;
    place.dataset.words ||= place.textContent;
    const all = document.querySelector("[data-pick-all]")?.checked;
    const chosen = boxes().filter((box) => box.checked).length;
    place.textContent = all ? place.dataset.words : `${place.dataset.words}: ${chosen}`;
  };

  const atHand = () => {
    const row = document.activeElement.closest?.("[data-rows] > [data-id]") || document.querySelector("[data-rows] > [aria-current]");
    return row?.querySelector("[data-pick]");
  };

  const toggle = (range) => {
    const box = atHand();
    if (!box) return;
    const all = boxes();
    const from = range && last ? all.indexOf(last) : -1;
    if (from >= 0) {
      const [start, end] = [from, all.indexOf(box)].sort((a, b) => a - b);
      for (const one of all.slice(start, end + 1)) one.checked = true;
    } else box.checked = !box.checked;
    last = box;
    count();
  };

  document.addEventListener("click", (event) => {
    if (!event.target.matches("[data-pick]")) return;
    if (event.shiftKey && last) {
      const all = boxes();
      const [start, end] = [all.indexOf(last), all.indexOf(event.target)].sort((a, b) => a - b);
      for (const one of all.slice(start, end + 1)) one.checked = event.target.checked;
    }
    last = event.target;
    count();
  });
  document.addEventListener("change", (event) => event.target.matches("[data-pick-all]") && count());
  globalThis.pick = { toggle };
})();

// Templates: a click puts the words where the cursor stands; `;` at the beginning of a line opens them.
(() => {
  const answer = () => document.querySelector('textarea[data-key-target="answer"]');
  const open = () => {
    const list = document.querySelector(".answer-templates");
    if (!list) return false;
    list.open = true;
    (list.querySelector("[data-insert]") || list.querySelector("summary")).focus();
    return true;
  };

  document.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-insert]");
    const field = answer();
    if (!chosen || !field) return;
    field.setRangeText(chosen.dataset.insert, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    chosen.closest("details").open = false;
    field.focus();
    const gap = field.value.indexOf("[");
    if (gap >= 0) field.setSelectionRange(gap, field.value.indexOf("]", gap) + 1);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== ";" || event.ctrlKey || event.metaKey || event.altKey) return;
    const field = answer();
    const free = !event.target.closest("input, textarea, select, [contenteditable]");
    const lineStart = event.target === field && (!field.selectionStart || field.value[field.selectionStart - 1] === "\n");
    if ((free || lineStart) && open()) event.preventDefault();
  });
})();
