"use strict";
// Notices on this phone or computer: asked for by a press of the button only, never by itself.
(() => {
  const room = document.getElementById("push");
  const state = document.getElementById("push-state");
  const button = document.getElementById("push-on");
  if (!room) return;
  const say = (words) => {
    state.textContent = words;
  };
  if (!globalThis.isSecureContext || !navigator.serviceWorker || !globalThis.PushManager) {
    say(room.dataset.no);
    return;
  }
  const hex = (bytes) => [...new Uint8Array(bytes)].map((one) => one.toString(16).padStart(2, "0")).join("");
  const digest = async (text) => hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const worker = () => navigator.serviceWorker.register("/desk/worker.js", { scope: "/desk/" }).then(() => navigator.serviceWorker.ready);

  const known = async () => {
    const registered = await navigator.serviceWorker.getRegistration("/desk/");
    const subscription = await registered?.pushManager.getSubscription();
    if (!subscription) return false;
    const sameKey = text(subscription.options.applicationServerKey) === room.dataset.key;
    if (!sameKey) await subscription.unsubscribe(); // the city has another key now: this one hears nothing any more
    return sameKey && Boolean(room.querySelector(`[data-endpoint="${await digest(subscription.endpoint)}"]`));
  };

  const draw = async () => {
    const on = await known();
    const denied = Notification.permission === "denied";
    button.hidden = on || denied;
    say(on ? room.dataset.on : denied ? room.dataset.denied : "");
  };

  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      if ((await Notification.requestPermission()) !== "granted") return await draw();
      const subscription = await (await worker()).pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: room.dataset.key });
      const form = new FormData();
      form.set("csrfmiddlewaretoken", room.querySelector("[name=csrfmiddlewaretoken]").value);
      form.set("endpoint", subscription.endpoint);
      for (const name of ["p256dh", "auth"]) form.set(name, text(subscription.getKey(name)));
      const answer = await fetch(room.dataset.add, { method: "POST", body: form, redirect: "error" });
      if (answer.ok) return location.reload();
      say((await answer.json()).words);
    } catch {
      say(room.dataset.failed);
    } finally {
      button.disabled = false;
    }
  });
  draw();
})();
