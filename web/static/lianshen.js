// Comforts only: every page works without this file.
"use strict";

const shortcutKey = "lianshen.shortcut";
const shortcutIsOn = () => localStorage.getItem(shortcutKey) !== "off";
const isTyping = (element) => element.matches("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  const search = document.querySelector("[data-search]");
  if (event.key === "/" && search && shortcutIsOn() && !isTyping(event.target) && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    search.focus();
    search.select();
  }
  if (event.key === "Escape") closeMenus(null);
});

function closeMenus(keep) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== keep) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));

// A single-key shortcut must be possible to switch off (WCAG 2.1.4): speech input types such keys by accident.
for (const toggle of document.querySelectorAll("[data-shortcut-toggle]")) {
  const show = () => { toggle.textContent = shortcutIsOn() ? toggle.dataset.on : toggle.dataset.off; };
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    localStorage.setItem(shortcutKey, shortcutIsOn() ? "off" : "on");
    show();
  });
  show();
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// A second click would post the same decision again and be answered with "overtaken", which frightens people.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 5000);
});
