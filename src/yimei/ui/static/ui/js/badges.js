// How much waits behind each place of the rail: kept in this tab for a minute, or until the reader did something.
import { bind } from "./bind.js";

const EVERY = 60_000;
const LOOK = 10_000;
const KEPT = "ym-badges";
const UNATTENDED = { Accept: "application/json", "X-Unattended": "yes" };

const acted = () => /(?:^|; )ym_acted=([^;]*)/.exec(document.cookie)?.[1] ?? ""; // the server changes it with everything done

function known() {
  const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
  return kept?.acted === acted() && Date.now() - kept.at < EVERY ? kept.found : null;
}

function show(found) {
  for (const badge of document.querySelectorAll("[data-ym-badge]")) {
    const waiting = found[badge.closest("a").getAttribute("href")] ?? 0;
    badge.querySelector("[data-ym-count]").textContent = waiting || "";
    badge.hidden = !waiting;
  }
}

async function count(rail) {
  const asked = { at: Date.now(), acted: acted() };
  const answer = await fetch(rail.dataset.ymBadges, { headers: UNATTENDED }).catch(() => null);
  if (answer?.status === 401) delete rail.dataset.ymBadges; // signed out: what was typed stays, nothing is asked any more
  if (!answer?.ok || answer.redirected) return;
  const found = await answer.json();
  sessionStorage.setItem(KEPT, JSON.stringify({ ...asked, found }));
  show(found);
}

bind("[data-ym-badges]", (rail) => {
  const found = known();
  if (found) show(found);
  else count(rail);
});
setInterval(() => document.hidden || known() || document.querySelectorAll("[data-ym-badges]").forEach(count), LOOK);
