// On a phone the rail comes in from the side.
import { on } from "./bind.js";

const rail = document.getElementById("rail");
const shade = document.querySelector(".rail-shade");
const opener = document.querySelector("[data-ym-rail-open]");
const rest = [document.querySelector(".frame"), document.querySelector(".bottom")];

function set(isOpen) {
  rail.toggleAttribute("data-open", isOpen);
  shade.hidden = !isOpen;
  opener.setAttribute("aria-expanded", String(isOpen));
  rest.forEach((part) => (part.inert = isOpen));
  if (isOpen) rail.querySelector("[aria-current], a").focus();
  else opener.focus();
}

if (rail) {
  on("click", "[data-ym-rail-open]", () => set(true));
  on("click", "[data-ym-rail-close]", () => set(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && rail.hasAttribute("data-open")) set(false);
  });
}
