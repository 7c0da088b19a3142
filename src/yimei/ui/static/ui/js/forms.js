// Submitting: once, after a question where one is due, as soon as a choice is made where that is asked for.
import { bind, on, quiet } from "./bind.js";
import { ask } from "./layers.js";

const busy = new WeakSet();
const sure = new WeakSet();

const isWrite = (form) => form.method === "post" || form.matches("[hx-post], [hx-put], [hx-patch], [hx-delete]");

function mark(form, submitter) {
  busy.add(form);
  submitter?.classList.add("is-busy");
}

function release(form) {
  busy.delete(form);
  form.querySelectorAll(".is-busy").forEach((button) => button.classList.remove("is-busy"));
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    const stop = () => {
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    if (!isWrite(form)) return;
    if (busy.has(form)) return stop();
    const question = form.dataset.ymConfirm;
    if (!question || sure.delete(form)) return;
    stop();
    ask(question, event.submitter).then((isSure) => {
      if (!isSure) return;
      sure.add(form);
      form.requestSubmit(event.submitter);
    });
  },
  true,
);

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!isWrite(form) || event.defaultPrevented) return;
  mark(form, event.submitter);
  // a file comes without a new page: nothing else would ever let this form go
  if (form.matches("[data-ym-file]")) setTimeout(() => release(form), 2000);
});
document.addEventListener("htmx:before:request", (event) => {
  const { sourceElement, sourceEvent } = event.detail.ctx;
  if (sourceElement instanceof HTMLFormElement && isWrite(sourceElement)) mark(sourceElement, sourceEvent?.submitter);
});
document.addEventListener("htmx:finally:request", (event) => {
  const form = event.detail.ctx.sourceElement;
  if (form instanceof HTMLFormElement) release(form);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach(release));

on("change", "[data-ym-submit-on-change]", (control) => control.form.requestSubmit());

bind("form[data-ym-filter]", (form) => {
  const send = quiet(250, () => form.requestSubmit());
  if (form.matches("[hx-get]")) form.addEventListener("input", send);
  else form.addEventListener("change", () => form.requestSubmit());
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.form?.requestSubmit();
});

bind("[data-ym-when]", (part) => {
  const form = part.closest("form");
  const [name, wanted] = part.dataset.ymWhen.split("=");
  const show = () => {
    const values = new FormData(form).getAll(name);
    part.hidden = !values.some((value) => wanted.split("|").includes(value));
    if (part instanceof HTMLFieldSetElement) part.disabled = part.hidden;
  };
  form.addEventListener("change", show);
  show();
});

on("click", ".error-summary a", (link, event) => {
  const control = document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!control) return;
  event.preventDefault();
  control.focus();
  control.scrollIntoView({ block: "center" });
});
