// Dialogs, drawers, the question before an act, and refusals that must be seen above them.
import { bind, isTyping, on } from "./bind.js";

const confirmLayer = document.getElementById("ym-confirm");

export function openLayer(layer) {
  if (layer && !layer.open) layer.showModal();
}

/** Asks in our own dialog: its title is the first sentence, its button says what the asking button said. */
export function ask(text, asker) {
  const act = confirmLayer.querySelector("[data-ym-confirm-yes]");
  act.textContent = asker?.matches("button") ? asker.textContent.trim() : act.dataset.ymConfirmYes;
  act.className = asker?.matches(".btn-danger, .menu-danger") ? "btn btn-danger" : "btn btn-primary";
  const [, title, rest] = text.match(/^(.*?[？?。！!]|.*?$)\s*([\s\S]*)$/);
  confirmLayer.querySelector("[data-ym-confirm-title]").textContent = title;
  confirmLayer.querySelector("[data-ym-confirm-text]").textContent = rest;
  confirmLayer.returnValue = "no";
  confirmLayer.showModal();
  return new Promise((resolve) => {
    confirmLayer.addEventListener("close", () => resolve(confirmLayer.returnValue === "yes"), { once: true });
  });
}

on("click", "[data-ym-open]", (button) => {
  button.closest("details")?.removeAttribute("open");
  openLayer(document.getElementById(button.dataset.ymOpen));
});
on("click", "[data-ym-close]", (button) => {
  const layer = button.closest("dialog");
  if (layer) layer.close();
  else button.closest("[data-ym-closable]")?.remove();
});
on("mousedown", "dialog.layer", (layer, event) => {
  if (event.target === layer && !layer.querySelector("form:not([method=dialog])")) layer.close();
});
on("click", "[data-ym-print]", () => window.print());
on("click", "[data-ym-toggle]", (button) => {
  const part = document.getElementById(button.dataset.ymToggle);
  part.hidden = !part.hidden;
  button.setAttribute("aria-expanded", String(!part.hidden));
});

document.addEventListener("ym:close", () => {
  document.querySelectorAll("dialog[open]").forEach((layer) => layer.close());
});

document.addEventListener("htmx:confirm", (event) => {
  event.preventDefault();
  const { ctx, issueRequest, dropRequest } = event.detail;
  ask(ctx.confirm, ctx.sourceEvent?.submitter ?? ctx.sourceElement).then((isSure) => (isSure ? issueRequest() : dropRequest()));
});

for (const id of ["dialog", "drawer"]) {
  const host = document.getElementById(id);
  host?.parentElement.addEventListener("close", () => host.replaceChildren());
}

document.addEventListener("htmx:after:swap", () => {
  for (const id of ["dialog", "drawer"]) {
    const host = document.getElementById(id);
    if (host?.childElementCount) openLayer(host.parentElement);
  }
  showNotices();
});

function showNotices() {
  const notices = document.getElementById("notices");
  if (!notices?.childElementCount) return;
  const layer = [...document.querySelectorAll("dialog.layer[open]")].pop();
  const body = layer?.querySelector(".layer-body");
  if (body) {
    body.querySelector(":scope > .refusal")?.remove();
    body.prepend(...notices.children);
    body.scrollTop = 0;
  } else {
    notices.scrollIntoView({ block: "center" });
  }
}

bind("[data-ym-open-now]", openLayer);
bind("[data-ym-focus]", (part) => part.focus({ preventScroll: false }));
bind("details[data-ym-menu]", (menu) => {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
});

document.addEventListener("keydown", (event) => {
  if (event.key === "?" && !isTyping(event)) openLayer(document.getElementById("ym-keys"));
});
