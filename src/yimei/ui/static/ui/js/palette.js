// Ctrl+K: people, pages and acts, by arrow keys, what was opened last on top.
import { isTyping, on, quiet } from "./bind.js";

const layer = document.getElementById("ym-palette");
const RECENT = "ym-recent";

if (layer) {
  const input = layer.querySelector("input");
  const found = layer.querySelector("[data-ym-found]");
  const recent = layer.querySelector("[data-ym-recent]");
  const nothing = layer.querySelector(".palette-empty");
  let asking;

  const items = () => [...layer.querySelectorAll(".palette-item")].filter((item) => item.offsetParent !== null);
  const chosen = () => layer.querySelector('[aria-selected="true"]');

  function choose(item) {
    chosen()?.removeAttribute("aria-selected");
    if (!item) return input.removeAttribute("aria-activedescendant");
    item.id ||= `palette-item-${Math.random().toString(36).slice(2)}`;
    item.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", item.id);
    return item.scrollIntoView({ block: "nearest" });
  }

  function narrow() {
    const words = input.value.trim().toLowerCase();
    recent.hidden = words !== "" || recent.querySelector("a") === null;
    for (const item of layer.querySelectorAll("[data-words]")) {
      item.hidden = words !== "" && !item.dataset.words.toLowerCase().includes(words);
    }
    for (const group of layer.querySelectorAll(".palette-group:not([data-ym-recent])")) {
      group.hidden = ![...group.querySelectorAll(".palette-item")].some((item) => !item.hidden);
    }
    settle();
  }

  function settle() {
    choose(items()[0]);
    nothing.hidden = items().length > 0;
  }

  const search = quiet(180, async () => {
    asking?.abort();
    asking = new AbortController();
    const words = input.value.trim();
    if (!words || !layer.dataset.searchUrl) return found.replaceChildren();
    try {
      const url = `${layer.dataset.searchUrl}?${new URLSearchParams({ q: words })}`;
      const answer = await fetch(url, { headers: { "HX-Request": "true" }, signal: asking.signal });
      if (answer.redirected || !answer.ok) return undefined;
      found.innerHTML = await answer.text();
      return settle();
    } catch (error) {
      if (error.name !== "AbortError") found.replaceChildren();
      return undefined;
    }
  });

  function remembered() {
    return JSON.parse(sessionStorage.getItem(RECENT) ?? "[]");
  }

  // Only pages and acts, and people by their file number: no name is ever kept.
  function remember(item) {
    const label = item.dataset.label ?? (item.dataset.words ? item.textContent.trim() : "");
    if (!label) return;
    const url = item.getAttribute("href");
    const others = remembered().filter((entry) => entry.url !== url);
    sessionStorage.setItem(RECENT, JSON.stringify([{ url, label }, ...others].slice(0, 6)));
  }

  function fillRecent() {
    recent.querySelectorAll("a").forEach((item) => item.remove());
    for (const { url, label } of remembered()) {
      const item = document.createElement("a");
      item.className = "palette-item";
      item.setAttribute("role", "option");
      item.tabIndex = -1;
      item.href = url;
      item.dataset.label = label;
      item.textContent = label;
      recent.append(item);
    }
  }

  function open() {
    fillRecent();
    input.value = "";
    found.replaceChildren();
    layer.showModal();
    narrow();
    input.focus();
  }

  input.addEventListener("input", () => {
    narrow();
    search();
  });
  layer.addEventListener("keydown", (event) => {
    const all = items();
    const at = all.indexOf(chosen());
    if (event.key === "ArrowDown") choose(all[(at + 1) % all.length]);
    else if (event.key === "ArrowUp") choose(all[(at - 1 + all.length) % all.length]);
    else if (event.key === "Enter" && event.target === input) chosen()?.click();
    else return;
    event.preventDefault();
  });
  layer.addEventListener("click", (event) => {
    if (event.target === layer) layer.close();
  });
  on("click", ".palette-item", remember);
  on("click", "[data-ym-palette]", open);

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (layer.open) layer.close();
      else if (!document.querySelector("dialog[open]")) open();
    } else if (event.key === "/" && !isTyping(event)) {
      const field = document.querySelector("[data-ym-search]");
      event.preventDefault();
      if (field) field.focus();
      else open();
    }
  });
}
