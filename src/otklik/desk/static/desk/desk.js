"use strict";
// What swapping in place needs: refusals are shown too, the open row is marked, and what is typed is never lost.
(() => {
  const open = () => document.getElementById("open");

  // A refused step comes back with its sentence and with what was typed: it is drawn like an accepted one.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if ([409, 422].includes(event.detail.xhr.status)) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });

  document.addEventListener("htmx:responseError", (event) => location.assign(event.detail.pathInfo.requestPath));

  const mark = () => {
    const shown = open()?.querySelector("[data-case], [data-message]");
    const id = shown ? shown.dataset.case || shown.dataset.message : "";
    for (const row of document.querySelectorAll("[data-rows] > [data-id]")) {
      if (row.dataset.id === id) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
  };

  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== open()) return;
    mark();
    const refused = open().querySelector("[role=alert]");
    if (refused) {
      refused.tabIndex = -1;
      refused.focus();
    } else if (!event.detail.requestConfig?.headers?.["X-Quiet"]) {
      open().querySelector("#case-title")?.focus({ preventScroll: true });
      if (matchMedia("(max-width: 767px)").matches) scrollTo(0, 0);
      open().querySelector(".case-thread")?.scrollTo(0, 0);
    }
  });

  // A word about what was done goes by itself, but not from under a pointer or the keyboard.
  const TOAST_MS = 10000;
  const fade = (toast) => {
    if (toast.matches(":hover, :focus-within")) setTimeout(fade, TOAST_MS, toast);
    else toast.remove();
  };
  const wind = () => {
    for (const toast of document.querySelectorAll(".toast:not([data-wound])")) {
      toast.dataset.wound = "";
      setTimeout(fade, TOAST_MS, toast);
    }
  };
  wind();
  document.addEventListener("htmx:load", wind);

  // Leaving a half-written answer asks first; sending it does not.
  const written = (form) => [...form.querySelectorAll("textarea")].some((field) => field.value !== field.defaultValue);
  const unsaved = () => [...document.querySelectorAll("#open form")].some(written);
  let sending = false;
  document.addEventListener("submit", () => {
    sending = true;
  });
  document.addEventListener("htmx:afterRequest", () => {
    sending = false;
  });
  addEventListener("beforeunload", (event) => {
    if (unsaved() && !sending) event.preventDefault();
  });
  document.addEventListener("htmx:confirm", (event) => {
    const leaves = event.target.closest("[data-rows]") && unsaved();
    if (!leaves) return;
    event.preventDefault();
    const words = document.getElementById("leave");
    words.returnValue = "";
    words.addEventListener("close", () => words.returnValue === "leave" && event.detail.issueRequest(true), { once: true });
    words.showModal();
  });

  globalThis.desk = { unsaved, open };
})();
