// Cards of leads: dragged onto a column, or sent by Alt and an arrow; both choose in the card's own list, which posts.
const board = () => document.getElementById("lead-board");

function send(card, code) {
  const list = card.querySelector("select");
  if (!list || list.disabled || list.value === code) return;
  list.value = code;
  list.dispatchEvent(new Event("change", { bubbles: true }));
}

function mark(column) {
  for (const one of board()?.querySelectorAll("[data-ym-column]") ?? []) {
    one.classList.toggle("lead-column-over", one === column);
  }
}

let held = null;

document.addEventListener("dragstart", (event) => {
  held = event.target.closest?.("[data-ym-lead]") ?? null;
  if (held) event.dataTransfer.setData("text/plain", held.id);
});
document.addEventListener("dragover", (event) => {
  const column = held && event.target.closest?.("[data-ym-column]");
  if (!column) return;
  event.preventDefault();
  mark(column);
});
document.addEventListener("drop", (event) => {
  const column = held && event.target.closest?.("[data-ym-column]");
  if (column) {
    event.preventDefault();
    send(held, column.dataset.ymColumn);
  }
});
document.addEventListener("dragend", () => {
  held = null;
  mark(null);
});
document.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const card = event.altKey && step && event.target.closest?.("[data-ym-lead]");
  if (!card) return;
  event.preventDefault();
  const columns = [...board().querySelectorAll("[data-ym-column]")];
  const here = columns.indexOf(card.closest("[data-ym-column]"));
  const next = columns[here + step];
  if (next) send(card, next.dataset.ymColumn);
});
