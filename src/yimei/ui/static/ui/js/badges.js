// How much waits behind each place of the rail: asked for beside the page, and again while it stays open.
import { bind } from "./bind.js";

const EVERY = 60_000;
const UNATTENDED = { Accept: "application/json", "X-Unattended": "yes" };

async function count(rail) {
  const answer = await fetch(rail.dataset.ymBadges, { headers: UNATTENDED }).catch(() => null);
  if (answer?.status === 401) delete rail.dataset.ymBadges; // signed out: what was typed stays, nothing is asked any more
  if (!answer?.ok || answer.redirected) return;
  const found = await answer.json();
  for (const badge of document.querySelectorAll("[data-ym-badge]")) {
    const waiting = found[badge.closest("a").getAttribute("href")] ?? 0;
    badge.querySelector("[data-ym-count]").textContent = waiting || "";
    badge.hidden = !waiting;
  }
}

bind("[data-ym-badges]", count);
setInterval(() => document.hidden || document.querySelectorAll("[data-ym-badges]").forEach(count), EVERY);
