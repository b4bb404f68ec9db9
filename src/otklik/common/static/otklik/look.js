"use strict";
// The theme before the first paint, and the few things that plain HTML lacks. Everything else works without it.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const kept = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null; // storage is off: the system's choice stays
    }
  };
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const show = () => {
    for (const one of document.querySelectorAll("[data-theme-switch]")) one.setAttribute("aria-pressed", String(isDark()));
  };
  root.classList.add("js");
  if (kept() === "dark" || kept() === "light") root.dataset.theme = kept();
  document.addEventListener("DOMContentLoaded", show);
  dark.addEventListener("change", show);

  document.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-theme-switch], [data-dismiss], [data-opens]");
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    if (!pressed) return;
    if ("themeSwitch" in pressed.dataset) {
      root.dataset.theme = isDark() ? "light" : "dark";
      try {
        localStorage.setItem("theme", root.dataset.theme);
      } catch {
        // kept for this page only
      }
      show();
    } else if ("dismiss" in pressed.dataset) {
      pressed.closest(".toast, .notice").remove();
    } else {
      document.getElementById(pressed.dataset.opens).showModal();
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      for (const menu of document.querySelectorAll("details.menu[open]")) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    }
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    const help = document.getElementById("keys-help");
    if (event.key === "?" && help && !typing && !help.open) help.showModal();
  });
})();
