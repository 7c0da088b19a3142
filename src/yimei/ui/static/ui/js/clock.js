// Clocks that run: time waited, or time left, with the colour of its limit.
const SIGN = "−";

export function clockText(seconds) {
  const size = Math.abs(seconds);
  const hours = Math.floor(size / 3600);
  if (hours >= 48) return null;
  const two = (number) => String(number).padStart(2, "0");
  const tail = `${two(Math.floor((size % 3600) / 60))}:${two(size % 60)}`;
  return (seconds < 0 ? SIGN : "") + (hours ? `${hours}:${tail}` : tail);
}

function tick() {
  for (const clock of document.querySelectorAll("[data-ym-clock]")) {
    const passed = Math.trunc((Date.now() - Date.parse(clock.dateTime)) / 1000);
    const isUp = clock.dataset.ymClock === "up";
    const seconds = isUp ? passed : -passed;
    const text = clockText(seconds);
    if (text !== null && clock.textContent !== text) clock.textContent = text;
    const isBeyond = (limit) => limit !== undefined && (isUp ? seconds >= limit * 60 : seconds <= limit * 60);
    const tone = isBeyond(clock.dataset.red) ? "red" : isBeyond(clock.dataset.amber) ? "amber" : "calm";
    clock.className = `clock clock-${tone}`;
  }
}

setInterval(tick, 1000);
tick();
