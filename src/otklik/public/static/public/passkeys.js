"use strict";
// Browsers give passkeys to scripts alone. Everything else of the account works without this.
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const readable = (options) => {
    const key = options.publicKey;
    key.challenge = bytes(key.challenge);
    if (key.user) key.user.id = bytes(key.user.id);
    for (const one of [...(key.excludeCredentials || []), ...(key.allowCredentials || [])]) one.id = bytes(one.id);
    return options;
  };
  const answered = (made) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (made.response[name]) response[name] = text(made.response[name]);
    }
    return { id: made.id, rawId: text(made.rawId), type: made.type, clientExtensionResults: {}, response };
  };
  const send = async (form, url, body) => {
    const token = form.elements.csrfmiddlewaretoken.value;
    const reply = await fetch(url, {
      method: "POST",
      headers: { "X-CSRFToken": token, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const said = await reply.json();
    if (!reply.ok) throw new Error(said.error);
    return said;
  };
  const use = async (form) => {
    const words = form.querySelector("[data-passkey-words]");
    try {
      const asked = await send(form, form.dataset.asks, {});
      const options = readable(asked.options);
      const made = "adds" in form.dataset ? await navigator.credentials.create(options) : await navigator.credentials.get(options);
      const done = await send(form, form.action, { browser: asked.browser, answer: answered(made) });
      location.assign(done.to);
    } catch (error) {
      words.textContent = error.name === "NotAllowedError" ? words.dataset.given : error.message;
      words.hidden = false;
    }
  };
  document.addEventListener("DOMContentLoaded", () => {
    for (const form of document.querySelectorAll("form[data-passkey]")) {
      if (!window.PublicKeyCredential) continue;
      form.hidden = false;
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        use(form);
      });
    }
  });
})();
