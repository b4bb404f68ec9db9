"use strict";
// Previews of chosen photos, and a photo large over the page, by pointer and by keyboard. Links and forms work without.
(() => {
  const MEGABYTE = 1e6;
  const SMALL = 160;

  // A photo is drawn small here: what is large or unknown to the browser (HEIC) shows its name alone.
  const small = async (file) => {
    const bitmap = await createImageBitmap(file, { resizeWidth: SMALL, resizeQuality: "medium" });
    const canvas = document.createElement("canvas");
    canvas.width = bitmap.width;
    canvas.height = bitmap.height;
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    return canvas.toDataURL("image/jpeg", 0.7);
  };

  const line = (file, list) => {
    const item = document.createElement("li");
    const words = document.createElement("span");
    words.textContent = `${file.name} · ${(file.size / MEGABYTE).toFixed(1)} MB`;
    if (file.size > 20 * MEGABYTE && !file.type.startsWith("video/")) {
      words.textContent += ` · ${list.dataset.tooLarge}`;
      item.className = "tone-bad";
    }
    item.append(words);
    if (file.type.startsWith("image/")) {
      small(file)
        .then((source) => {
          const picture = document.createElement("img");
          picture.src = source;
          picture.alt = "";
          item.prepend(picture);
        })
        .catch(() => {}); // the name is enough
    }
    return item;
  };

  document.addEventListener("change", (event) => {
    const chosen = event.target.closest("[data-files] input[type=file]");
    if (!chosen) return;
    const list = chosen.closest("[data-files]").querySelector("[data-previews]");
    if (!list) return;
    list.replaceChildren(...[...chosen.files].map((file) => line(file, list)));
    list.hidden = chosen.files.length === 0;
  });

  // One dialog for all photos of a group; the words beside a photo are its alternative text.
  let dialog = null;
  let group = [];
  let at = 0;
  let opener = null;

  const show = (number) => {
    at = (number + group.length) % group.length;
    const link = group[at];
    const picture = dialog.querySelector("img");
    picture.src = link.href;
    picture.alt = link.querySelector("img").alt;
    dialog.querySelector("p").textContent = `${picture.alt} · ${at + 1} / ${group.length}`;
    for (const button of dialog.querySelectorAll("[data-step]")) button.hidden = group.length < 2;
  };

  const button = (sign, step) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button plain square";
    made.textContent = sign;
    made.dataset.step = step;
    return made;
  };

  const make = () => {
    dialog = document.createElement("dialog");
    dialog.className = "lightbox";
    const picture = document.createElement("img");
    const words = document.createElement("p");
    words.setAttribute("aria-live", "polite");
    words.id = "lightbox-words";
    dialog.setAttribute("aria-labelledby", words.id);
    const row = document.createElement("div");
    row.className = "lightbox-row";
    const close = button("✕", "0");
    close.autofocus = true;
    row.append(button("←", "-1"), words, button("→", "1"), close);
    dialog.append(picture, row);
    dialog.addEventListener("click", (event) => {
      const pressed = event.target.closest("[data-step]");
      if (event.target === dialog || pressed?.dataset.step === "0") dialog.close();
      else if (pressed) show(at + Number(pressed.dataset.step));
    });
    dialog.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step) {
        event.preventDefault();
        show(at + step);
      }
      event.stopPropagation(); // the desk's own keys rest while a photo is open
    });
    dialog.addEventListener("close", () => opener?.focus());
    document.body.append(dialog);
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-look]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    if (!dialog) make();
    opener = link;
    group = [...link.closest("[data-pictures]").querySelectorAll("a[data-look]")];
    show(group.indexOf(link));
    dialog.showModal();
  });
})();
