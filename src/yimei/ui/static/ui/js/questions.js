// A questionnaire while it is filled in: what earlier answers call for is shown, the rest is neither shown nor sent.
import { bind } from "./bind.js";

const parse = (text) => (text ? JSON.parse(text) : null);

function holds(condition, given) {
  if (!condition) return true;
  if (condition.all) return condition.all.every((part) => holds(part, given));
  if (condition.any) return condition.any.some((part) => holds(part, given));
  const values = given(condition.question);
  if (!values.length) return false;
  if (condition.is) return values.some((value) => condition.is.includes(value));
  if (condition.answered) return true;
  const number = Number(values[0].replace(",", ""));
  if (Number.isNaN(number)) return false;
  return "at_least" in condition ? number >= condition.at_least : number <= condition.at_most;
}

bind("form[data-ym-questions]", (form) => {
  const questions = [...form.querySelectorAll("[data-ym-question]")].map((part) => [part, parse(part.dataset.ymShowIf)]);

  // In order: a question that is hidden has no answer for those after it.
  function show() {
    for (const [part, condition] of questions) {
      const data = new FormData(form);
      const given = (name) => data.getAll(name).map((value) => String(value).trim()).filter(Boolean);
      const isAsked = holds(condition, given);
      if (part.disabled !== !isAsked) part.hidden = part.disabled = !isAsked;
    }
  }

  form.addEventListener("change", (event) => {
    const box = event.target;
    if (box.type === "checkbox" && box.checked) {
      for (const other of form.querySelectorAll(`input[type=checkbox][name="${CSS.escape(box.name)}"]`)) {
        const isAlone = box.dataset.ymAlone !== undefined || other.dataset.ymAlone !== undefined;
        if (other !== box && isAlone) other.checked = false;
      }
    }
    box.closest("[data-ym-question]")?.classList.remove("has-error");
    show();
  }, true);
  form.addEventListener("input", show);
  show();
});
