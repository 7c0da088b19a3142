// A list by keyboard: ↑ ↓ move, Enter opens; a click anywhere on a row opens it too.
import { bind, on } from "./bind.js";

const inside = "a, button, input, select, textarea, label, summary";
const rowsOf = (row) => [...row.parentElement.querySelectorAll(":scope > [data-ym-row]")];

bind("[data-ym-row]", (row) => {
  row.tabIndex = row === rowsOf(row)[0] ? 0 : -1;
});

function step(row, by) {
  const all = rowsOf(row);
  const next = all[all.indexOf(row) + by];
  if (!next) return;
  row.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

on("keydown", "[data-ym-row]", (row, event) => {
  if (event.target !== row) return;
  if (event.key === "ArrowDown") step(row, 1);
  else if (event.key === "ArrowUp") step(row, -1);
  else if (event.key === "Enter") row.querySelector("a")?.click();
  else return;
  event.preventDefault();
});
on("click", "[data-ym-row]", (row, event) => {
  if (event.target.closest(inside) || getSelection().toString()) return;
  const link = row.querySelector("a");
  if (!link) return;
  if (event.ctrlKey || event.metaKey) window.open(link.href);
  else link.click();
});
on("keydown", "[data-ym-search]", (field, event) => {
  if (event.key !== "ArrowDown") return;
  document.querySelector("[data-ym-row]")?.focus();
  event.preventDefault();
});
