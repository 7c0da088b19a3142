// Runs in the head: an act that asks first, pressed before the page is awake, waits for its question.
// Should the page never wake, the browser asks instead; what cannot be undone is never done unasked.
(() => {
  const waiting = [];
  let isLate = false;
  const hold = (event) => {
    const question = event.target.dataset.ymConfirm;
    if (!question || (isLate && window.confirm(question))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!isLate) waiting.push([event.target, event.submitter]);
  };
  window.addEventListener("submit", hold, true);
  window.addEventListener("load", () => (isLate = true));
  window.addEventListener("ym:awake", () => {
    window.removeEventListener("submit", hold, true);
    const [form, button] = waiting.shift() ?? [];
    form?.requestSubmit(button);
  });
})();
