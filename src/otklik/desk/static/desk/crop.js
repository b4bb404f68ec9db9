"use strict";
// What stays of a photo: a frame moved and sized by finger, mouse or keyboard. It ends as four numbers, shares of the sides.
(() => {
  const LEAST = 0.1;
  const STEP = 0.02;
  let photo = null;
  let shape = 0;
  let box = { l: 0, t: 0, r: 1, b: 1 };

  const dialog = () => document.querySelector("[data-crop-dialog]");
  const within = (value, low, high) => Math.min(high, Math.max(low, value));

  const draw = () => {
    const { style } = dialog().querySelector(".crop-box");
    style.left = `${box.l * 100}%`;
    style.top = `${box.t * 100}%`;
    style.width = `${(box.r - box.l) * 100}%`;
    style.height = `${(box.b - box.t) * 100}%`;
  };

  // In shares of the sides, a shape depends on the photo's own.
  const ratio = () => {
    const image = dialog().querySelector("img");
    return shape ? (shape * image.naturalHeight) / image.naturalWidth : 0;
  };

  const fit = () => {
    const wanted = ratio();
    if (!wanted) return;
    const [x, y] = [(box.l + box.r) / 2, (box.t + box.b) / 2];
    let width = box.r - box.l;
    let height = width / wanted;
    if (height > 1) [height, width] = [1, wanted];
    const [l, t] = [within(x - width / 2, 0, 1 - width), within(y - height / 2, 0, 1 - height)];
    box = { l, t, r: l + width, b: t + height };
  };

  const move = (dx, dy) => {
    const [width, height] = [box.r - box.l, box.b - box.t];
    const [l, t] = [within(box.l + dx, 0, 1 - width), within(box.t + dy, 0, 1 - height)];
    box = { l, t, r: l + width, b: t + height };
  };

  // The corner opposite to the pulled one stays where it is.
  const pull = (corner, x, y) => {
    const left = corner[0] === "l";
    const upper = corner[1] === "t";
    const [fx, fy] = [left ? box.r : box.l, upper ? box.b : box.t];
    let width = within(left ? fx - x : x - fx, LEAST, left ? fx : 1 - fx);
    let height = within(upper ? fy - y : y - fy, LEAST, upper ? fy : 1 - fy);
    const wanted = ratio();
    if (wanted) {
      height = within(width / wanted, 0, upper ? fy : 1 - fy);
      width = height * wanted;
    }
    box = { l: left ? fx - width : fx, r: left ? fx : fx + width, t: upper ? fy - height : fy, b: upper ? fy : fy + height };
  };

  const close = () => {
    dialog().close();
    photo?.querySelector("[data-crop]")?.focus();
  };

  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-crop]");
    const shapes = event.target.closest("[data-shape]");
    if (opener) {
      photo = opener.closest("[data-photo]");
      const [l, t, r, b] = opener.dataset.area ? opener.dataset.area.split(",").map(Number) : [0, 0, 1, 1];
      box = { l, t, r, b };
      shape = 0;
      dialog().querySelector("img").src = opener.dataset.crop;
      dialog().showModal();
      draw();
      dialog().querySelector(".crop-box").focus();
    } else if (shapes) {
      shape = Number(shapes.dataset.shape);
      for (const one of dialog().querySelectorAll("[data-shape]")) one.setAttribute("aria-pressed", String(one === shapes));
      fit();
      draw();
    } else if (event.target.closest("[data-crop-close]")) close();
    else if (event.target.closest("[data-crop-done]")) {
      const detail = [box.l, box.t, box.r, box.b].map((one) => within(one, 0, 1).toFixed(4)).join(",");
      close();
      photo.dispatchEvent(new CustomEvent("cropped", { bubbles: true, detail }));
    }
  });

  document.addEventListener("pointerdown", (event) => {
    const held = event.target.closest(".crop-box");
    if (!held) return;
    event.preventDefault();
    held.focus();
    const edge = held.parentElement.getBoundingClientRect();
    const corner = event.target.dataset.corner;
    let [x, y] = [event.clientX, event.clientY];
    const go = (at) => {
      if (corner) pull(corner, (at.clientX - edge.left) / edge.width, (at.clientY - edge.top) / edge.height);
      else move((at.clientX - x) / edge.width, (at.clientY - y) / edge.height);
      [x, y] = [at.clientX, at.clientY];
      draw();
    };
    const end = () => document.removeEventListener("pointermove", go);
    document.addEventListener("pointermove", go);
    document.addEventListener("pointerup", end, { once: true });
    document.addEventListener("pointercancel", end, { once: true });
  });

  document.addEventListener("keydown", (event) => {
    if (!event.target.closest?.(".crop-box")) return;
    const step = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] }[event.key];
    const grow = { "+": STEP, "=": STEP, "-": -STEP }[event.key];
    if (!step && !grow) return;
    event.preventDefault();
    if (step) move(...step);
    else pull("rb", box.r + grow, box.b + grow);
    draw();
  });
})();
