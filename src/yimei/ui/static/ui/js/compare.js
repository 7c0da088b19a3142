// Two photographs of one view on top of each other; the divider follows the slider, the pointer or the arrow keys.
import { bind } from "./bind.js";

bind("[data-ym-compare]", (box) => {
  const range = box.querySelector("input[type=range]");
  const split = () => box.style.setProperty("--split", `${range.value}%`);

  function follow(event) {
    const edge = box.querySelector("[data-ym-compare-stage]").getBoundingClientRect();
    range.value = Math.round(((event.clientX - edge.left) / edge.width) * 100);
    split();
  }

  range.addEventListener("input", split);
  box.querySelector("[data-ym-compare-stage]").addEventListener("pointerdown", (event) => {
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    follow(event);
    range.focus();
  });
  box.querySelector("[data-ym-compare-stage]").addEventListener("pointermove", (event) => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) follow(event);
  });
  split();
});
