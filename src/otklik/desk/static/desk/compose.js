"use strict";
// Writing a post: kept as it is typed (on this device too while there is no connection), photos sent one by one,
// ordered by pulling. Without a script the form's buttons do the same.
(() => {
  const form = document.querySelector("[data-compose]");
  if (!form) return;
  const words = form.dataset;
  const fields = form.elements;
  const state = form.querySelector("[data-state]");
  const tray = form.querySelector("[data-tray]");
  const said = document.querySelector("[data-said]");
  const coming = document.createElement("ul");
  const PAUSE_MS = 800;
  const RETRY_MS = 5000;
  const LOOK_MS = 1500;
  const ROOM = `draft:${words.who}:`;
  const HERE = ROOM + fields.form_key.value;
  const NAMES = ["title", "text", "rubric"];
  const HEADERS = { "HX-Request": "true" };
  let dirty = false;
  let timer = 0;
  let turn = Promise.resolve();

  // One call at a time: what is answered later is what was asked later.
  const inTurn = (deed) => (turn = turn.then(deed, deed));
  const say = (text) => (state.textContent = text);
  const made = (tag, text, more = {}) => Object.assign(document.createElement(tag), { textContent: text }, more);

  const store = (deed) => {
    try {
      return deed(localStorage);
    } catch {
      return null; // storage is off: the server's copy is there
    }
  };
  const here = () => Object.fromEntries(NAMES.map((name) => [name, fields[name].value]));
  const put = (values) => {
    for (const name of NAMES) if (name in values) fields[name].value = values[name];
  };
  const keepHere = () => store((kept) => kept.setItem(HERE, JSON.stringify(here())));
  const forget = (key) => store((kept) => kept.removeItem(key));

  const notice = (title, text, buttons) => {
    const row = made("div", "", { className: "buttons" });
    for (const [label, deed] of buttons) {
      row.append(made("button", label, { className: "button small", type: "button", onclick: () => {
        said.hidden = true;
        deed();
      } }));
    }
    const quote = made("blockquote", text, { className: "card compose-quote" });
    said.replaceChildren(made("p", title, { className: "compose-title" }), quote, row);
    said.setAttribute("role", "alert");
    said.hidden = false;
  };

  const changed = () => {
    dirty = true;
    keepHere();
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE_MS);
  };

  const elsewhere = (theirs) => {
    notice(words.wordsElsewhere, `${theirs.title}\n\n${theirs.text}`, [
      [words.wordsMine, () => {
        fields.seen.value = theirs.version;
        changed();
      }],
      [words.wordsTheirs, () => {
        fields.seen.value = theirs.version;
        put(theirs);
        forget(HERE);
      }],
    ]);
    say("");
  };

  const typed = () => {
    const data = new FormData(form);
    data.delete("photos");
    return data;
  };

  const save = () => inTurn(async () => {
    clearTimeout(timer);
    if (!dirty) return;
    dirty = false;
    say(words.wordsSaving);
    try {
      const answer = await fetch(words.keep, { method: "POST", body: typed(), headers: HEADERS });
      if (answer.status === 409) return elsewhere(await answer.json());
      if (answer.status === 410) return say(words.wordsGone);
      if (!answer.ok) throw new Error(String(answer.status));
      fields.seen.value = (await answer.json()).version;
      if (!dirty) forget(HERE);
      history.replaceState(null, "", words.goOn);
      const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
      say(`${words.wordsSaved} ${time}`);
    } catch {
      dirty = true;
      say(words.wordsOffline);
      timer = setTimeout(save, RETRY_MS);
    }
  });

  // Photos: only their part of the page is drawn anew; what was typed in it meanwhile stays.
  const swap = (page) => {
    const before = [...tray.querySelectorAll("input[name]:not([type=file]), textarea")];
    const focused = document.activeElement?.id;
    tray.innerHTML = page;
    for (const old of before) {
      const now = fields[old.name];
      if (!now) continue;
      if (old.type === "checkbox") now.checked = old.checked;
      else now.value = old.value;
    }
    if (focused) document.getElementById(focused)?.focus();
    ready();
  };

  // What was typed goes first: a photo that is taken out takes its words along.
  const ask = (address, values) => {
    save();
    return inTurn(() => tell(address, values));
  };

  const tell = async (address, values) => {
    const body = new FormData();
    body.set("csrfmiddlewaretoken", fields.csrfmiddlewaretoken.value);
    for (const [name, value] of Object.entries(values)) body.set(name, value);
    const answer = await fetch(address, { method: "POST", body, headers: HEADERS }).catch(() => null);
    if (answer && (answer.ok || answer.status === 422)) swap(await answer.text());
    else say(words.wordsOffline);
  };

  const look = () => inTurn(async () => {
    const answer = await fetch(words.photos, { headers: HEADERS }).catch(() => null);
    if (answer?.ok) swap(await answer.text());
    else setTimeout(look, RETRY_MS);
  });

  const ready = () => {
    tray.querySelector("[data-coming]").replaceWith(coming);
    if (tray.querySelector("[data-waits]")) setTimeout(look, LOOK_MS);
    for (const box of tray.querySelectorAll("[data-counted]")) count(box);
  };

  const count = (box) => {
    let shown = box.nextElementSibling;
    if (!shown?.classList.contains("counter")) {
      shown = made("span", "", { className: "counter quiet small" });
      box.after(shown);
    }
    shown.textContent = `${box.value.length} / ${box.maxLength}`;
  };

  const line = (file) => {
    const item = made("li", "");
    const bar = made("progress", "", { max: 1, value: 0 });
    const again = made("button", words.wordsAgain, { className: "button small", type: "button", hidden: true });
    const name = made("span", file.name);
    bar.setAttribute("aria-label", file.name);
    item.append(name, bar, again);
    return { item, bar, again, name };
  };

  const send = (file) => {
    const row = line(file);
    const part = crypto.randomUUID?.().slice(0, 30) ?? String(Date.now() + Math.random()).replace(".", "").padEnd(8, "0");
    coming.append(row.item);
    const go = () => inTurn(() => new Promise((done) => {
      const request = new XMLHttpRequest();
      const body = new FormData();
      body.set("csrfmiddlewaretoken", fields.csrfmiddlewaretoken.value);
      body.set("part", part);
      body.append("photos", file);
      row.again.hidden = true;
      request.open("POST", words.photos);
      request.setRequestHeader("HX-Request", "true");
      request.upload.onprogress = (event) => (row.bar.value = event.total ? event.loaded / event.total : 0);
      request.onloadend = () => {
        if (request.status === 200 || request.status === 422) {
          row.item.remove();
          swap(request.responseText);
          history.replaceState(null, "", words.goOn);
        } else {
          row.name.textContent = `${file.name}: ${words.wordsFailed}`;
          row.again.hidden = false;
        }
        done();
      };
      request.send(body);
    }));
    row.again.onclick = go;
    go();
  };

  form.addEventListener("input", (event) => {
    if (event.target.matches("[data-counted]")) count(event.target);
    if (event.target.type !== "file") changed();
  });
  form.addEventListener("change", (event) => {
    if (!event.target.matches("[data-choose]")) return;
    const files = [...event.target.files];
    event.target.value = "";
    files.forEach(send);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    if (navigator.onLine) forget(HERE);
  });

  tray.addEventListener("click", async (event) => {
    const pressed = event.target.closest("button[name=then]");
    if (!pressed) return;
    event.preventDefault();
    const photo = pressed.closest("[data-photo]")?.dataset.photo;
    const then = pressed.value;
    await ask(pressed.getAttribute("formaction"), { then });
    const row = photo && tray.querySelector(`[data-photo="${photo}"]`);
    (row?.querySelector(`button[value=${then}]`) ?? row?.querySelector("button") ?? tray.querySelector("button"))?.focus();
  });
  tray.addEventListener("cropped", (event) => {
    ask(event.target.dataset.at, { then: "cut", area: event.detail });
  });

  // A photo is pulled by its number; the others make room.
  tray.addEventListener("pointerdown", (event) => {
    const handle = event.target.closest("[data-drag]");
    if (!handle) return;
    event.preventDefault();
    const row = handle.closest("[data-photo]");
    const list = row.parentElement;
    const order = () => [...list.children].map((one) => one.dataset.photo).join(",");
    const first = order();
    row.classList.add("is-pulled");
    const pull = (at) => {
      const over = [...list.children].find((one) => {
        const edge = one.getBoundingClientRect();
        return one !== row && at.clientY > edge.top && at.clientY < edge.bottom;
      });
      if (!over) return;
      const edge = over.getBoundingClientRect();
      if (at.clientY < edge.top + edge.height / 2) over.before(row);
      else over.after(row);
    };
    const end = () => {
      row.classList.remove("is-pulled");
      document.removeEventListener("pointermove", pull);
      if (order() !== first) ask(row.dataset.at, { then: "order", order: order() });
    };
    document.addEventListener("pointermove", pull);
    document.addEventListener("pointerup", end, { once: true });
    document.addEventListener("pointercancel", end, { once: true });
  });

  // Words that were typed here and never arrived, of this draft or of one that the server doesn't know.
  const found = store((kept) => {
    const keys = kept.getItem(HERE) ? [HERE] : fields.title.value || fields.text.value ? [] : Object.keys(kept);
    const key = keys.find((one) => one.startsWith(ROOM));
    return key ? { key, values: JSON.parse(kept.getItem(key)) } : null;
  });
  if (found && (found.values.title || found.values.text) && NAMES.some((name) => found.values[name] !== fields[name].value)) {
    notice(words.wordsFound, `${found.values.title}\n\n${found.values.text}`, [
      [words.wordsPutBack, () => {
        put(found.values);
        forget(found.key);
        changed();
      }],
      [words.wordsForget, () => forget(found.key)],
    ]);
  }
  window.addEventListener("online", () => dirty && save());
  coming.className = "compose-coming";
  coming.setAttribute("aria-live", "polite");
  ready();
})();
