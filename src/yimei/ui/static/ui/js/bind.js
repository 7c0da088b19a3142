// One place that knows when new nodes have come: on load, and after every htmx swap.
const binders = [];
const done = new WeakMap();

/** Runs `setUp(node)` once for every node that matches, now and after each swap. */
export function bind(selector, setUp) {
  binders.push([selector, setUp]);
  run(selector, setUp);
}

function run(selector, setUp) {
  for (const node of document.querySelectorAll(selector)) {
    const seen = done.get(node) ?? new Set();
    if (seen.has(setUp)) continue;
    seen.add(setUp);
    done.set(node, seen);
    setUp(node);
  }
}

/** Listens once on the document for events that start inside a matching node. */
export function on(type, selector, act, options) {
  document.addEventListener(
    type,
    (event) => {
      const node = event.target instanceof Element ? event.target.closest(selector) : null;
      if (node) act(node, event);
    },
    options,
  );
}

/** A request that waited in line was aimed when it was asked for; the answer before it may have put another node there. */
document.addEventListener("htmx:after:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.target instanceof Element && !ctx.target.isConnected && ctx.target.id) ctx.target = document.getElementById(ctx.target.id) ?? ctx.target;
});

/** A form that is on its way takes nothing more along: a draft saved behind it would come to a closed door. */
document.addEventListener("htmx:before:request", (event) => {
  const { sourceElement } = event.detail.ctx;
  const form = sourceElement.closest("form");
  if (form && form !== sourceElement && form.classList.contains("htmx-request")) event.preventDefault();
});

document.addEventListener("htmx:after:swap", () => {
  for (const [selector, setUp] of binders) run(selector, setUp);
});

export const isTyping = (event) => event.target.closest("input, textarea, select, [contenteditable]") !== null;

/** Waits for quiet before acting. */
export function quiet(milliseconds, act) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...values), milliseconds);
  };
}
