// What was typed outlives a lost network or a closed page, in this tab only, until the server has it.
import { bind, quiet } from "./bind.js";

const KEY = "ym-draft:";
const SENT = "ym-sent:";
const kept = (control) =>
  control.name && control.name !== "csrfmiddlewaretoken" && !["password", "file", "hidden", "submit", "button"].includes(control.type);

function values(form) {
  const found = {};
  for (const control of form.elements) {
    if (!kept(control)) continue;
    found[control.name] ??= [];
    const isChoice = control.type === "checkbox" || control.type === "radio";
    if (control.multiple) found[control.name].push(...[...control.selectedOptions].map((option) => option.value));
    else if (!isChoice || control.checked) found[control.name].push(control.value);
  }
  return found;
}

function fill(form, saved) {
  for (const control of form.elements) {
    if (!kept(control) || !(control.name in saved)) continue;
    const wanted = saved[control.name];
    if (control.type === "checkbox" || control.type === "radio") control.checked = wanted.includes(control.value);
    else if (control.multiple) for (const option of control.options) option.selected = wanted.includes(option.value);
    else if (wanted.length) control.value = wanted[0];
  }
}

bind("form[data-ym-draft]", (form) => {
  const key = KEY + form.dataset.ymDraft;
  const start = JSON.stringify(values(form));
  const fromServer = form.querySelector("[aria-invalid], .error-summary") !== null;
  const hasArrived = sessionStorage.getItem(SENT + form.dataset.ymDraft) && document.querySelector("#toasts .toast-good"); // the same page, for the next one
  if (hasArrived && !fromServer) sessionStorage.removeItem(key);
  sessionStorage.removeItem(SENT + form.dataset.ymDraft);
  const saved = sessionStorage.getItem(key);
  if (saved && !fromServer && saved !== start) {
    fill(form, JSON.parse(saved));
    form.dispatchEvent(new Event("change", { bubbles: true }));
    form.prepend(document.getElementById("ym-draft-note").content.cloneNode(true));
  }
  const save = () => {
    try {
      sessionStorage.setItem(key, JSON.stringify(values(form)));
    } catch {
      sessionStorage.removeItem(key); // more than a browser keeps; the server still answers with what was sent
    }
  };
  form.addEventListener("input", quiet(200, save));
  form.addEventListener("change", save);
  form.addEventListener("submit", () => {
    save();
    sessionStorage.setItem(SENT + form.dataset.ymDraft, "1");
  });
  form.addEventListener("reset", () => {
    sessionStorage.removeItem(key);
    form.querySelector(".draft-note")?.remove();
  });
});

// A draft that was sent and whose form is not shown again has arrived; a plain page is the door or a refusal.
const isRefused = document.documentElement.classList.contains("plain");
for (const name of Object.keys(sessionStorage)) {
  if (!name.startsWith(SENT)) continue;
  sessionStorage.removeItem(name);
  if (!isRefused) sessionStorage.removeItem(KEY + name.slice(SENT.length));
}

// What was refused or lost on the way was not sent: another form's success on this page says nothing about it.
document.addEventListener("htmx:finally:request", (event) => {
  const { sourceElement, response } = event.detail.ctx;
  const key = sourceElement.dataset?.ymDraft;
  if (!key) return;
  sessionStorage.removeItem(SENT + key);
  const isRefused = !response || response.status >= 400 || response.headers.get("HX-Redirect")?.includes("sign-in");
  if (!isRefused) sessionStorage.removeItem(KEY + key);
});

// Signing out leaves nothing behind for the next person at this desk.
document.addEventListener("submit", (event) => {
  if (event.target.action?.includes("sign-out")) sessionStorage.clear();
});
