"use strict";
// What an executor did without a network: kept on the phone, locked, and sent once when there is one. Pages and the
// service worker share it. Each thing is a form as it would have been posted, with a key of its own: the city does it
// once however often it is sent. It is locked (AES-GCM) with a key that the city gives to its author only and that is
// forgotten at the end of the session: a colleague who signs in on the same phone can't read it, and it isn't lost.
self.fieldQueue = (() => {
  const WHO = "/desk/field/who/";
  const PATIENCE_MS = 60000;
  const heard = "BroadcastChannel" in self ? new BroadcastChannel("otklik-field") : null;

  const open = () =>
    new Promise((resolve, reject) => {
      const asked = indexedDB.open("otklik-field", 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("waiting", { keyPath: "key" });
        asked.result.createObjectStore("session", { keyPath: "name" });
      };
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  const run = async (store, mode, what) => {
    const database = await open();
    try {
      return await new Promise((resolve, reject) => {
        const work = database.transaction(store, mode);
        const asked = what(work.objectStore(store));
        work.oncomplete = () => resolve(asked.result);
        work.onerror = work.onabort = () => reject(work.error);
      });
    } finally {
      database.close();
    }
  };
  const all = async () => (await run("waiting", "readonly", (rows) => rows.getAll())).sort((a, b) => a.at - b.at);
  const put = (row) => run("waiting", "readwrite", (rows) => rows.put(row));
  const remove = (key) => run("waiting", "readwrite", (rows) => rows.delete(key));
  const session = () => run("session", "readonly", (rows) => rows.get("me"));
  const forget = () => run("session", "readwrite", (rows) => rows.delete("me"));
  // Told to every page but this one by the channel, and to this one by its listener.
  const tell = (said) => {
    heard?.postMessage(said);
    self.fieldQueue.listener?.(said);
  };

  const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16));

  // Who is signed in, as the city says; "offline" or "signed-out" where it can't. The key to what waits is kept for the
  // session, in a form that no script can read out.
  const who = async () => {
    const answer = await fetch(WHO, { redirect: "manual", cache: "no-store", headers: { Accept: "application/json" } }).catch(
      () => null,
    );
    if (answer && (answer.type === "opaqueredirect" || answer.status === 403)) return "signed-out";
    if (!answer?.ok) return "offline";
    const said = await answer.json();
    const lock = await crypto.subtle.importKey("raw", bytes(said.lock), "AES-GCM", false, ["encrypt", "decrypt"]);
    const last = await run("session", "readonly", (rows) => rows.get("last"));
    await run("session", "readwrite", (rows) => {
      rows.put({ name: "last", owner: said.owner });
      return rows.put({ name: "me", owner: said.owner, lock });
    });
    return { owner: said.owner, csrf: said.csrf, lock, isAnother: Boolean(last && last.owner !== said.owner) };
  };

  const add = async (number, form) => {
    const me = await session();
    if (!me) throw new Error("nobody is signed in");
    const key = crypto.randomUUID();
    form.set("key", key);
    form.delete("csrfmiddlewaretoken");
    const whole = new Response(form);
    const type = whole.headers.get("Content-Type");
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, me.lock, await whole.arrayBuffer());
    const before = await all();
    const at = Math.max(Date.now(), (before.at(-1)?.at || 0) + 1);
    await put({ key, at, owner: me.owner, number, deed: form.get("deed"), state: "waiting", words: "", type, iv, sealed });
    return key;
  };

  const unseal = (row, me) => crypto.subtle.decrypt({ name: "AES-GCM", iv: row.iv }, me.lock, row.sealed);
  const formOf = async (row) => {
    const me = await session();
    if (!me || me.owner !== row.owner) return null;
    const body = await unseal(row, me).catch(() => null);
    return body && new Response(body, { headers: { "Content-Type": row.type } }).formData();
  };

  const send = async (row, me) => {
    const body = await unseal(row, me).catch(() => null);
    if (!body) return "locked";
    const answer = await fetch(`/desk/field/${row.number}/send/`, {
      method: "POST",
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE_MS),
      headers: { "Content-Type": row.type, "X-CSRFToken": me.csrf, Accept: "application/json" },
    }).catch(() => null);
    if (!answer) return "offline";
    if (answer.type === "opaqueredirect") return "signed-out";
    if (answer.status === 429 || answer.status >= 500) return "offline";
    const said = await answer.json().catch(() => null);
    if (!said && answer.status === 403) return "offline"; // a token of an old session: the next try asks for a new one
    if (answer.ok) {
      await remove(row.key);
      tell({ kind: "done", key: row.key, number: row.number, deed: row.deed, words: said?.words });
      return "done";
    }
    await put({ ...row, state: "refused", words: said?.words || String(answer.status), taken: Boolean(said?.taken) });
    tell({ kind: "refused", key: row.key, number: row.number });
    return "refused";
  };

  // Send what waits, in order, one flush at a time over all pages and the worker. A lost answer leaves the row: the
  // next sending has the same key, and the city answers as it did before.
  const flush = () =>
    navigator.locks.request("otklik-field", async () => {
      const waiting = (await all()).filter((row) => row.state === "waiting");
      if (!waiting.length) return "done";
      const me = await who();
      if (typeof me === "string") return me;
      for (const row of waiting) {
        if (row.owner !== me.owner) continue;
        const came = await send(row, me);
        if (came === "offline" || came === "signed-out") return came;
      }
      return "done";
    });

  return { add, all, remove, session, forget, who, flush, formOf, heard, listener: null };
})();
