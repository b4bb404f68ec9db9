"use strict";
// Before and after as a slider: by touch, mouse and arrow keys, as it is a range. Without script they stand side by side.
(() => {
  const begin = (box) => {
    if (box.classList.contains("slides")) return;
    const handle = box.querySelector(".side-handle");
    const range = handle.querySelector("input");
    const move = () => box.style.setProperty("--at", `${range.value}%`);
    handle.hidden = false;
    box.classList.add("slides");
    range.addEventListener("input", move);
    move();
  };
  const all = (root) => {
    for (const box of root.querySelectorAll("[data-before-after]")) begin(box);
  };
  all(document);
  document.addEventListener("htmx:load", (event) => all(event.target));
})();
