"use strict";
// The field's pages: what is done goes into the queue first, then to the city; what waits or was refused is shown.
(() => {
  const room = document.getElementById("field");
  const queue = self.fieldQueue;
  if (!room || !globalThis.isSecureContext || !navigator.serviceWorker || !navigator.locks || !globalThis.indexedDB) return;
  const words = room.dataset;
  const RETRY_MS = 30000;
  let retry = 0;

  const kept = document.getElementById("field-kept");
  if (words.keptAt) {
    const at = new Date(words.keptAt);
    const time = at.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    kept.querySelector("span").textContent = `${words.wordsAsItWas} ${time}`;
    kept.hidden = false;
  }

  const made = (tag, text, more = {}) => Object.assign(document.createElement(tag), { textContent: text }, more);
  const saidIn = (form) => ["text", "note", "reason"].map((name) => form?.get(name)).find(Boolean) || "";

  const filesIn = (form) => form.getAll("photos").filter((one) => one instanceof File && one.size);

  // A photo as large as anybody looks at it: a phone's own is ten times the data. What can't be drawn goes as it is.
  const LARGEST_PX = 2560;
  const smaller = async (file) => {
    const bitmap = await createImageBitmap(file).catch(() => null);
    const scale = bitmap ? LARGEST_PX / Math.max(bitmap.width, bitmap.height) : 1;
    if (scale >= 1) return file;
    const canvas = new OffscreenCanvas(Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const drawn = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.88 });
    return drawn.size < file.size ? new File([drawn], file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg" }) : file;
  };
  const shrink = async (form) => {
    const files = filesIn(form);
    form.delete("photos");
    for (const file of files) form.append("photos", await smaller(file));
  };

  const useAgain = async (row, form) => {
    const shown = document.querySelector(`form[data-field="${row.deed}"]`);
    shown.closest("details")?.setAttribute("open", "");
    for (const [name, value] of form) {
      const field = shown.elements[name];
      if (typeof value === "string" && field && !["seen", "key", "deed", "then"].includes(name)) field.value = value;
    }
    const photos = shown.querySelector("input[type=file][multiple]");
    if (photos && !row.taken) {
      const all = new DataTransfer();
      for (const file of filesIn(form)) all.items.add(file);
      photos.files = all.files;
      photos.dispatchEvent(new Event("change", { bubbles: true }));
    }
    await queue.remove(row.key);
    await draw();
    shown.querySelector("textarea, input:not([type=hidden])")?.focus();
  };

  const line = async (row) => {
    const item = made("li", "");
    const form = await queue.formOf(row);
    const photos = form ? filesIn(form).length : 0;
    const title = `№ ${row.number}: ${words[`words${row.deed[0].toUpperCase()}${row.deed.slice(1)}`]}`;
    const what = made("p", title + (photos ? ` · ${words.wordsPhotos}: ${photos}` : ""));
    item.append(what);
    if (row.state !== "refused") return item;
    item.className = "refused";
    item.append(made("p", `${words.wordsRefused}: ${row.words}`, { className: "tone-bad" }));
    const said = saidIn(form);
    if (said) {
      const text = made("textarea", "", { readOnly: true, rows: 3, value: said });
      text.setAttribute("aria-label", words.wordsYours);
      item.append(text);
    }
    const buttons = made("div", "", { className: "buttons" });
    const here = words.number === String(row.number) && document.querySelector(`form[data-field="${row.deed}"]`);
    if (here && said) buttons.append(made("button", words.wordsUse, { className: "button", type: "button", onclick: () => useAgain(row, form) }));
    else if (words.number !== String(row.number))
      buttons.append(made("a", words.wordsOpen, { className: "button", href: `${words.list}${row.number}/` }));
    const drop = async () => {
      await queue.remove(row.key);
      await draw();
    };
    buttons.append(made("button", words.wordsDrop, { className: "button plain", type: "button", onclick: drop }));
    item.append(buttons);
    return item;
  };

  let signedOut = false;
  const draw = async () => {
    const me = await queue.session();
    const rows = await queue.all();
    const mine = rows.filter((row) => row.owner === me?.owner);
    const waiting = mine.filter((row) => row.state === "waiting").length;
    const place = document.getElementById("field-waits");
    const lines = await Promise.all(mine.map(line));
    place.hidden = !rows.length;
    place.querySelector("h2").textContent = waiting
      ? `${sending ? words.wordsSending : words.wordsWaits}: ${waiting}`
      : mine.length
        ? `${words.wordsRefused}: ${mine.length}`
        : "";
    place.querySelector("ul").replaceChildren(...lines);
    const others = place.querySelector(".field-others");
    others.hidden = rows.length === mine.length;
    others.textContent = words.wordsOthers;
    const sign = place.querySelector(".field-sign-in");
    sign.hidden = !signedOut;
    sign.querySelector("a").href = words.signIn;
    sign.querySelector("span").textContent = words.wordsSignIn;
    place.dataset.waiting = String(waiting);
  };

  let sending = false;
  const flush = async () => {
    clearTimeout(retry);
    sending = true;
    await draw();
    const came = await queue.flush().catch(() => "offline");
    sending = false;
    signedOut = came === "signed-out";
    await draw();
    if (came === "offline") retry = setTimeout(flush, RETRY_MS);
  };

  // A draft that waits is what the executor wrote last: the form goes on from it, also after a reload.
  const restore = async () => {
    const rows = (await queue.all()).filter((row) => row.deed === "draft" && row.state === "waiting" && String(row.number) === words.number);
    const form = rows.length ? await queue.formOf(rows.at(-1)) : null;
    const shown = document.querySelector('form[data-field="draft"]');
    if (!form || !shown) return;
    shown.elements.text.value = shown.elements.seen.value = form.get("text");
    shown.elements.outcome.value = form.get("outcome");
  };

  const submitted = async (event) => {
    const shown = event.target.closest("form[data-field]");
    if (!shown || !(await ready)) return;
    const form = new FormData(shown, event.submitter);
    const button = event.submitter;
    button.disabled = true;
    try {
      await shrink(form);
      await queue.add(Number(words.number), form);
    } catch {
      button.disabled = false;
      if (button.name) shown.append(made("input", "", { type: "hidden", name: button.name, value: button.value }));
      shown.submit(); // the phone keeps nothing: it is posted as ever
      return;
    }
    for (const field of shown.querySelectorAll("input[type=file]")) {
      field.value = "";
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    if (shown.elements.seen) shown.elements.seen.value = form.get("text");
    else shown.reset();
    navigator.serviceWorker.ready.then((worker) => worker.sync?.register("field")).catch(() => {});
    await flush();
    button.disabled = false;
  };
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-field]")) return;
    event.preventDefault();
    submitted(event);
  });

  const TOLD = "otklik-field-told";
  const told = () => {
    const said = sessionStorage.getItem(TOLD);
    sessionStorage.removeItem(TOLD);
    if (!said) return;
    const toast = made("div", "", { className: "toast" });
    toast.append(made("span", said));
    document.getElementById("toasts").append(toast);
    setTimeout(() => toast.remove(), 8000);
  };
  const typing = () => [...document.querySelectorAll("form[data-field] textarea")].some((one) => one === document.activeElement);
  const heard = (said) => {
    draw();
    if (said.kind !== "done") return;
    sessionStorage.setItem(TOLD, said.words);
    const goes = said.deed === "return" || (said.deed === "draft" && document.querySelector('form[data-field="draft"]') === null);
    if (String(said.number) === words.number && goes) location.assign(words.list);
    else if (!typing()) location.reload();
    else told();
  };
  queue.listener = heard;
  queue.heard?.addEventListener("message", ({ data }) => heard(data));

  const ready = (async () => {
    const me = await queue.who().catch(() => "offline");
    if (typeof me !== "string" && me.isAnother) {
      // Somebody else signed in on this phone: nothing of the one before is told or shown to them.
      const worker = await navigator.serviceWorker.getRegistration("/desk/");
      (await worker?.pushManager?.getSubscription())?.unsubscribe();
    }
    return Boolean(await queue.session());
  })().catch(() => false);

  navigator.serviceWorker.register("/desk/worker.js", { scope: "/desk/" }).catch(() => {});
  addEventListener("online", flush);
  document.addEventListener("visibilitychange", () => document.hidden || flush());
  told();
  ready.then(restore).then(flush);
})();
