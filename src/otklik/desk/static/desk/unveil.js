"use strict";
// Drawing what to cover over a photo; the numbers below say the same, and work without this.
(() => {
  const box = document.querySelector("[data-cover]");
  if (!box) return;
  const frame = box.querySelector(".cover-frame");
  const drawing = box.querySelector("[data-areas]");
  const rows = box.querySelector("[data-rows]");
  const names = ["left", "top", "width", "height"];
  const LEAST = 0.5;

  for (const hidden of box.querySelectorAll(".needs-js")) hidden.hidden = false;

  const values = (row) => names.map((name) => Number.parseFloat(row.querySelector(`[name=${name}]`).value.replace(",", ".")));
  const isBlank = (row) => names.every((name) => !row.querySelector(`[name=${name}]`).value);

  const rectangle = (numbers) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    ["x", "y", "width", "height"].forEach((name, at) => made.setAttribute(name, numbers[at]));
    return made;
  };

  const redraw = () => {
    const whole = [...rows.children].map(values).filter((numbers) => numbers.every(Number.isFinite));
    drawing.replaceChildren(...whole.map(rectangle));
  };

  // There is always one empty row below the others, as without script.
  const tidy = () => {
    const blank = [...rows.children].filter(isBlank);
    if (blank.length === 0 && rows.children.length < Number(box.dataset.most)) {
      const more = rows.lastElementChild.cloneNode(true);
      for (const input of more.querySelectorAll("input")) input.value = "";
      rows.append(more);
    }
  };

  const place = (event) => {
    const edge = frame.getBoundingClientRect();
    const share = (value, size) => Math.min(100, Math.max(0, (100 * value) / size));
    return [share(event.clientX - edge.left, edge.width), share(event.clientY - edge.top, edge.height)];
  };

  let from = null;
  let shown = null;
  const spanned = (to) => [
    Math.min(from[0], to[0]),
    Math.min(from[1], to[1]),
    Math.abs(to[0] - from[0]),
    Math.abs(to[1] - from[1]),
  ];
  frame.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    frame.setPointerCapture(event.pointerId);
    from = place(event);
    shown = rectangle([...from, 0, 0]);
    drawing.append(shown);
  });
  frame.addEventListener("pointermove", (event) => {
    if (!from) return;
    const made = rectangle(spanned(place(event)));
    shown.replaceWith(made);
    shown = made;
  });
  frame.addEventListener("pointerup", (event) => {
    if (!from) return;
    const numbers = spanned(place(event));
    from = null;
    const row = [...rows.children].find(isBlank);
    if (row && numbers[2] >= LEAST && numbers[3] >= LEAST) {
      names.forEach((name, at) => {
        row.querySelector(`[name=${name}]`).value = numbers[at].toFixed(1);
      });
      tidy();
    }
    redraw();
  });
  frame.addEventListener("pointercancel", () => {
    from = null;
    redraw();
  });
  rows.addEventListener("input", () => {
    tidy();
    redraw();
  });
  box.querySelector("[data-clear]").addEventListener("click", () => {
    for (const input of rows.querySelectorAll("input")) input.value = "";
    while (rows.children.length > 1) rows.lastElementChild.remove();
    redraw();
  });
})();
