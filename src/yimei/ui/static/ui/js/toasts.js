// A line that says what was done, with eight seconds to take it back.
import { bind, on } from "./bind.js";

const region = document.getElementById("toasts");
const LIFE = 8000;

export function toast({ text, undo = "", tone = "good" }) {
  const line = document.createElement("div");
  line.className = `toast toast-${tone}`;
  const words = document.createElement("span");
  words.textContent = text;
  line.append(words);
  if (undo) line.append(button("toast-undo", region.dataset.ymUndoLabel, () => takeBack(line, undo)));
  line.append(button("toast-close", region.dataset.ymCloseLabel, () => line.remove()));
  (document.querySelector("dialog.layer[open]") ?? document.body).append(region);
  region.append(line);
  let timer = setTimeout(() => line.remove(), LIFE);
  line.addEventListener("pointerenter", () => clearTimeout(timer));
  line.addEventListener("focusin", () => clearTimeout(timer));
  line.addEventListener("pointerleave", () => (timer = setTimeout(() => line.remove(), LIFE / 2)));
}

function button(className, label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}

async function takeBack(line, url) {
  const token = JSON.parse(document.body.getAttribute("hx-headers:inherited"))["X-CSRFToken"];
  line.remove();
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "X-CSRFToken": token, Accept: "application/json" },
      redirect: "manual",
    });
    if (answer.ok || answer.type === "opaqueredirect") return location.reload();
    const problem = await answer.json();
    toast({ text: problem.title, tone: "danger" });
  } catch {
    toast({ text: region.dataset.ymFailed, tone: "danger" });
  }
}

document.addEventListener("ym:toast", (event) => toast(event.detail));
document.addEventListener("htmx:error", (event) => {
  if (event.detail?.ctx) toast({ text: region.dataset.ymFailed, tone: "danger" });
});
document.addEventListener("close", () => document.body.append(region), true);
bind("template[data-ym-toast]", (left) => {
  toast({ text: left.content.textContent, undo: left.dataset.undo, tone: left.dataset.tone });
  left.remove();
});

on("click", "[data-ym-copy]", async (copier) => {
  const label = copier.querySelector("[data-ym-copy-label]");
  await navigator.clipboard.writeText(copier.dataset.ymCopy);
  const before = label.textContent;
  label.textContent = copier.dataset.done;
  setTimeout(() => (label.textContent = before), 1600);
});
