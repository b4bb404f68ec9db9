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

  const words = (list, number) => {
    const label = document.createElement("label");
    const input = document.createElement("input");
    input.type = "text";
    input.name = "alt";
    input.maxLength = 300;
    label.className = "choose-words";
    label.append(`${list.dataset.altLabel} (${number + 1})`, input);
    return label;
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
    preview(chosen.closest("[data-files]"), list);
  });

  // All chosen files of a form in their order, whichever of its inputs has them; each with what it shows, if asked.
  const preview = (box, list) => {
    const files = [...box.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]);
    const said = [...list.querySelectorAll("input[name=alt]")].map((input) => input.value);
    const lines = files.map((file, number) => {
      const item = line(file, list);
      if (list.dataset.altLabel) {
        const label = words(list, number);
        label.querySelector("input").value = said[number] ?? "";
        item.append(label);
      }
      return item;
    });
    list.replaceChildren(...lines);
    list.hidden = files.length === 0;
    const one = box.querySelector("[data-one-alt]");
    if (one) {
      one.hidden = files.length > 0;
      one.querySelector("input").disabled = files.length > 0;
    }
  };

  // Dropped and pasted pictures join those that were chosen before.
  const add = (box, files) => {
    const pictures = [...files].filter((file) => file.type.startsWith("image/") || /\.hei[cf]$/i.test(file.name));
    const input = box.querySelector("input[type=file][multiple]");
    if (!input || pictures.length === 0) return false;
    const all = new DataTransfer();
    for (const file of [...input.files, ...pictures]) all.items.add(file);
    input.files = all.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  };
  const dropBox = (event) => event.target.closest?.("form")?.querySelector("[data-drop]");
  document.addEventListener("dragover", (event) => {
    const box = dropBox(event);
    if (!box || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    box.classList.add("is-dropping");
  });
  document.addEventListener("dragleave", (event) => dropBox(event)?.classList.remove("is-dropping"));
  document.addEventListener("drop", (event) => {
    const box = dropBox(event);
    if (!box || !event.dataTransfer?.files.length) return;
    event.preventDefault();
    box.classList.remove("is-dropping");
    add(box, event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => {
    const box = dropBox(event);
    if (box && event.clipboardData?.files.length && add(box, event.clipboardData.files)) event.preventDefault();
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
    picture.alt = link.querySelector("img:not(.shot-blur)").alt;
    dialog.querySelector("p").textContent = `${picture.alt} · ${at + 1} / ${group.length}`;
    for (const button of dialog.querySelectorAll("[data-step]:not([data-step='0'])")) button.hidden = group.length < 2;
  };

  const button = (sign, step, name) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button plain square";
    made.textContent = sign;
    made.setAttribute("aria-label", name || sign);
    made.title = name || sign;
    made.dataset.step = step;
    return made;
  };

  const make = (named) => {
    dialog = document.createElement("dialog");
    dialog.className = "lightbox";
    const picture = document.createElement("img");
    const words = document.createElement("p");
    words.setAttribute("aria-live", "polite");
    words.id = "lightbox-words";
    dialog.setAttribute("aria-labelledby", words.id);
    const row = document.createElement("div");
    row.className = "lightbox-row";
    const close = button("✕", "0", named.close);
    close.autofocus = true;
    row.append(button("←", "-1", named.before), words, button("→", "1", named.next), close);
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
    if (!dialog) make(link.closest("[data-pictures]").dataset);
    opener = link;
    group = [...link.closest("[data-pictures]").querySelectorAll("a[data-look]")];
    show(group.indexOf(link));
    dialog.showModal();
  });
})();
