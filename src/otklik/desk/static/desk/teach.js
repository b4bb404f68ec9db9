"use strict";
// Labelling by keyboard: a digit or a letter presses what it is written on. Without this file it is a plain form.
(() => {
  const find = document.getElementById("teach-find");
  const press = (name) => document.querySelector(`[data-teach-key="${CSS.escape(name)}"]`);

  // A Russian layout gives “й” where “q” is printed: the key's place counts then.
  const meant = ({ key, code, shiftKey }) => {
    if (/^[a-z0-9]$/i.test(key)) return key.toLowerCase();
    if (code.startsWith("Key")) return code.slice(3).toLowerCase();
    return code === "Slash" && !shiftKey ? "/" : key;
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input:not([type=radio]), textarea, select")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const key = meant(event);
    if (key === "/" && find) {
      event.preventDefault();
      find.focus();
      return;
    }
    const pressed = press(key);
    if (!pressed) return;
    event.preventDefault();
    if (pressed.type !== "radio") {
      pressed.click();
      return;
    }
    pressed.checked = true;
    pressed.focus();
    if ("teachEnough" in pressed.dataset) pressed.form.requestSubmit();
  });
})();
