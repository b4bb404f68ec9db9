"use strict";
// The desk without a network. It answers for the field's pages, their pictures and what they are drawn with, and for
// nothing else: every other page of the desk goes to the city as if this were not here.
//
// What is kept of people: the field's pages that were opened here, and their pictures, for the session that opened
// them (the server names it in X-Otklik-Keep) and for a day at most. All of it goes when that session ends: at
// signing out, when the sign-in page is shown, and when another session's page comes.
importScripts(`/static/desk/queue.js?v=${SETUP.version}`);

const SHELL = `otklik-shell-${SETUP.version}`;
const TASKS = "otklik-tasks-";
const FIELD = "/desk/field/";
const START = "/desk/start/";
const SIGN_IN = "/desk/sign-in/";
const SIGN_OUT = "/desk/sign-out/";
const OFFLINE = "/desk/offline/";
const FILES = "/desk/files/";
const PATIENCE_MS = 4000; // a network that is there but doesn't answer
const DAY_MS = 24 * 3600 * 1000;
const PICTURES = 80;

const keptCaches = async () => (await caches.keys()).filter((name) => name.startsWith(TASKS));

const forget = async () => {
  for (const name of await keptCaches()) await caches.delete(name);
  await fieldQueue.forget();
};

const signOut = async () => {
  await forget();
  const subscription = await registration.pushManager?.getSubscription();
  await subscription?.unsubscribe();
};

addEventListener("install", (event) => {
  const fill = async () => {
    const cache = await caches.open(SHELL);
    await cache.addAll(SETUP.shell.map((address) => new Request(address, { cache: "reload" })));
    await skipWaiting();
  };
  event.waitUntil(fill());
});

addEventListener("activate", (event) => {
  const tidy = async () => {
    for (const name of await caches.keys()) if (name.startsWith("otklik-shell-") && name !== SHELL) await caches.delete(name);
    await clients.claim();
  };
  event.waitUntil(tidy());
});

const keep = async (request, answer) => {
  const session = answer.headers.get("X-Otklik-Keep");
  if (!session || answer.status !== 200) return;
  for (const name of await keptCaches()) if (name !== TASKS + session) await caches.delete(name);
  const headers = new Headers(answer.headers);
  headers.set("X-Otklik-Kept-At", new Date().toISOString());
  const cache = await caches.open(TASKS + session);
  await cache.put(new URL(request.url).pathname, new Response(await answer.blob(), { headers }));
};

// A kept page says when it was kept, so that nobody takes it for how things are now.
const keptPage = async (path) => {
  for (const name of await keptCaches()) {
    const cache = await caches.open(name);
    const found = await cache.match(path);
    if (!found) continue;
    const at = found.headers.get("X-Otklik-Kept-At");
    if (Date.now() - Date.parse(at) > DAY_MS) await cache.delete(path);
    else return new Response((await found.text()).replace('data-kept-at=""', `data-kept-at="${at}"`), { headers: found.headers });
  }
  return null;
};

const late = () => new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, null));
const offlinePage = () => caches.match(OFFLINE, { cacheName: SHELL });

const fieldPage = async (event) => {
  const path = new URL(event.request.url).pathname;
  const kept = await keptPage(path === START ? FIELD : path);
  const asked = fetch(event.request).catch(() => null);
  const answer = await (kept ? Promise.race([asked, late()]) : asked);
  if (answer && (answer.status < 500 || !kept)) {
    if (answer.status === 200) event.waitUntil(keep(event.request, answer.clone()));
    return answer;
  }
  return kept || offlinePage();
};

const signInPage = async (event) => {
  const answer = await fetch(event.request).catch(() => null);
  if (answer?.status === 200) event.waitUntil(forget()); // the session has ended
  return answer || offlinePage();
};

const anyPage = async (event) => (await fetch(event.request).catch(() => null)) || offlinePage();

const shellFile = async (event) =>
  (await fetch(event.request).catch(() => null)) ||
  (await caches.match(new URL(event.request.url).pathname, { cacheName: SHELL })) ||
  Response.error();

const picture = async (event) => {
  const path = new URL(event.request.url).pathname;
  const answer = await fetch(event.request).catch(() => null);
  const [name] = await keptCaches();
  if (!name) return answer || Response.error();
  const cache = await caches.open(name);
  if (!answer) return (await cache.match(path)) || Response.error();
  const page = await clients.get(event.clientId);
  if (answer.status === 200 && page && new URL(page.url).pathname.startsWith(FIELD)) {
    const copy = answer.clone();
    event.waitUntil(cache.keys().then((rows) => (rows.length < PICTURES ? cache.put(path, copy) : null)));
  }
  return answer;
};

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.mode === "navigate" && request.method === "POST") {
    if (url.pathname === SIGN_OUT) event.waitUntil(signOut());
  } else if (request.method !== "GET") return;
  else if (request.mode === "navigate") {
    if (url.pathname.startsWith(SIGN_IN)) event.respondWith(signInPage(event));
    else if (url.pathname.startsWith(FIELD) || url.pathname === START) event.respondWith(fieldPage(event));
    else if (url.pathname.startsWith("/desk/")) event.respondWith(anyPage(event));
  } else if (SETUP.shell.includes(url.pathname)) event.respondWith(shellFile(event));
  else if (url.pathname.startsWith(FILES) && request.destination === "image") event.respondWith(picture(event));
});

// A notice on the screen. What came says what it is about and how many; the words are ours, kept here.
addEventListener("push", (event) => {
  let said = {};
  try {
    said = event.data.json();
  } catch {
    // not ours, or broken: the city still has something to say
  }
  const words = SETUP.words[said.lang] || SETUP.words.ru;
  const title = words.matters[said.matter] || words.something;
  const options = {
    body: said.n ? `${words.count}: ${said.n}` : "",
    tag: said.matter || "otklik",
    lang: said.lang,
    icon: SETUP.icon,
    data: { path: String(said.path || "") },
  };
  event.waitUntil(registration.showNotification(title, options));
});

addEventListener("notificationclick", (event) => {
  event.notification.close();
  const path = event.notification.data.path;
  const address = new URL(path.startsWith("/desk/") ? path : "/desk/notices/", location.origin).href;
  const go = async () => {
    const pages = await clients.matchAll({ type: "window" });
    const page = pages.find((one) => new URL(one.url).pathname.startsWith("/desk/"));
    if (!page) return clients.openWindow(address);
    await page.focus();
    return page.navigate(address);
  };
  event.waitUntil(go());
});

// The network is back, and no page is open: send what waits. Throwing asks the browser to try again later.
addEventListener("sync", (event) => {
  const go = async () => {
    if ((await fieldQueue.flush()) === "offline") throw new Error("no network yet");
  };
  if (event.tag === "field") event.waitUntil(go());
});
