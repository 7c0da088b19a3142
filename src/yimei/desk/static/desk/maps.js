// Points on a figure: pressed, dragged, moved by keys; kept in a hidden field that saves itself.
const form = document.querySelector("[data-ym-map]");
const NS = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT] = [300, 420];
const EMPTY = { product: "", amount: "", unit: "U", lot: "", depth: "", technique: "" };
const MOST = 200;

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const find = (name) => form.querySelector(`[data-ym-map-${name}]`);
const all = (name) => [...form.querySelectorAll(`[data-ym-map-${name}]`)];
const round = (number) => String(Math.round(Math.min(100, Math.max(0, number)) * 100) / 100);

const points = read("map-points");
const earlier = read("map-earlier");
const field = find("points");
const cross = { x: 50, y: 40 };
let view = points.at(-1)?.view ?? earlier[0]?.view ?? "face-front";
let chosen = points.length ? points.length - 1 : -1;

const figureOf = (name) => form.querySelector(`[data-ym-map-figure="${name}"]`);

function draw(name, attributes, parent) {
  const node = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  parent.append(node);
  return node;
}

function keep() {
  field.value = JSON.stringify(points);
  field.dispatchEvent(new Event("change", { bubbles: true }));
}

function title(number) {
  return form.dataset.name.replace("{n}", number + 1);
}

function words(point) {
  return [point.product, point.amount && `${point.amount} ${point.unit}`, point.lot].filter(Boolean).join(" · ");
}

function showPoints() {
  const marks = figureOf(view).querySelector("[data-ym-map-marks]");
  const focused = marks.contains(document.activeElement);
  marks.replaceChildren();
  points.forEach((point, number) => {
    if (point.view !== view) return;
    const isWhole = point.product && point.amount;
    const mark = draw(
      "g",
      {
        transform: `translate(${(Number(point.x) * WIDTH) / 100},${(Number(point.y) * HEIGHT) / 100})`,
        tabindex: "0",
        role: "button",
        "aria-label": `${title(number)} ${words(point)}`,
        "aria-pressed": String(number === chosen),
        class: `${isWhole ? "" : "is-bare"} ${number === chosen ? "is-chosen" : ""}`,
      },
      marks,
    );
    draw("circle", { r: 13, "fill-opacity": "0", "stroke-opacity": "0" }, mark);
    draw("circle", { r: 8 }, mark);
    draw("text", {}, mark).textContent = number + 1;
    mark.dataset.number = number;
  });
  if (focused) marks.querySelector(`[data-number="${chosen}"]`)?.focus();
}

function showEarlier() {
  const old = figureOf(view).querySelector("[data-ym-map-old]");
  old.replaceChildren();
  for (const point of earlier.filter((one) => one.view === view)) {
    draw("circle", { cx: (Number(point.x) * WIDTH) / 100, cy: (Number(point.y) * HEIGHT) / 100, r: 7 }, old);
  }
}

function showList() {
  const list = find("list");
  list.replaceChildren(
    ...points.map((point, number) => {
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-pressed", String(number === chosen));
      for (const text of [number + 1, point.product || "—", point.amount ? `${point.amount} ${point.unit}` : ""]) {
        const span = document.createElement("span");
        span.textContent = text;
        button.append(span);
      }
      button.addEventListener("click", () => choose(number));
      const line = document.createElement("li");
      line.append(button);
      return line;
    }),
  );
}

function showDetail() {
  const detail = find("detail");
  const point = points[chosen];
  detail.hidden = detail.disabled = !point;
  find("none").hidden = Boolean(point);
  if (!point) return;
  find("title").textContent = title(chosen);
  for (const input of all("field")) {
    if (input !== document.activeElement) input.value = point[input.dataset.ymMapField];
  }
}

function showTabs() {
  for (const tab of all("view")) {
    const isOpen = tab.dataset.ymMapView === view;
    tab.setAttribute("aria-selected", String(isOpen));
    const count = points.filter((point) => point.view === tab.dataset.ymMapView).length;
    const badge = tab.querySelector("[data-ym-map-count]");
    badge.textContent = count;
    badge.hidden = !count;
    const figure = figureOf(tab.dataset.ymMapView);
    figure.toggleAttribute("hidden", !isOpen);
  }
}

function show() {
  showTabs();
  showEarlier();
  showPoints();
  showList();
  showDetail();
}

function choose(number) {
  chosen = number;
  if (points[number]) view = points[number].view;
  show();
}

function add(x, y) {
  if (points.length >= MOST) return;
  const last = points[chosen] ?? points.at(-1) ?? EMPTY;
  points.push({ ...EMPTY, product: last.product, unit: last.unit, lot: last.lot, depth: last.depth, amount: last.amount, view, x: round(x), y: round(y) });
  choose(points.length - 1);
  keep();
}

function remove(number) {
  points.splice(number, 1);
  choose(Math.min(number, points.length - 1));
  keep();
}

function place(figure, event) {
  const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(figure.getScreenCTM().inverse());
  return [(at.x / WIDTH) * 100, (at.y / HEIGHT) * 100];
}

function move(number, x, y) {
  points[number].x = round(x);
  points[number].y = round(y);
  showPoints();
}

for (const figure of all("figure")) {
  let dragged = -1;
  let hasMoved = false;
  figure.addEventListener("pointerdown", (event) => {
    const mark = event.target.closest("[data-number]");
    event.preventDefault();
    figure.setPointerCapture(event.pointerId);
    hasMoved = false;
    if (mark) {
      dragged = Number(mark.dataset.number);
      choose(dragged);
      figureOf(view).querySelector(`[data-number="${dragged}"]`)?.focus();
    } else {
      const [x, y] = place(figure, event);
      if (x < 0 || y < 0 || x > 100 || y > 100) return;
      add(x, y);
      dragged = chosen;
      figure.focus({ preventScroll: true });
    }
  });
  figure.addEventListener("pointermove", (event) => {
    if (dragged < 0 || !figure.hasPointerCapture(event.pointerId)) return;
    hasMoved = true;
    move(dragged, ...place(figure, event));
  });
  figure.addEventListener("pointerup", () => {
    if (dragged >= 0 && hasMoved) keep();
    dragged = -1;
  });
  figure.addEventListener("pointercancel", () => (dragged = -1));

  figure.addEventListener("keydown", (event) => {
    const mark = event.target.closest("[data-number]");
    const step = event.shiftKey ? 5 : 0.5;
    const ways = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const way = ways[event.key];
    if (mark) {
      const number = Number(mark.dataset.number);
      if (event.key === "Enter" || event.key === " ") choose(number);
      else if (event.key === "Delete" || event.key === "Backspace") remove(number);
      else if (way) {
        chosen = number;
        move(number, Number(points[number].x) + way[0], Number(points[number].y) + way[1]);
        keep();
      } else return;
    } else if (way) {
      const wide = event.shiftKey ? 1 : 4;
      cross.x = Math.min(100, Math.max(0, cross.x + way[0] * wide));
      cross.y = Math.min(100, Math.max(0, cross.y + way[1] * wide));
      showCross(figure, true);
    } else if (event.key === "Enter") add(cross.x, cross.y);
    else return;
    event.preventDefault();
  });
  figure.addEventListener("blur", () => showCross(figure, false));
}

function showCross(figure, isShown) {
  const node = figure.querySelector("[data-ym-map-cross]");
  node.toggleAttribute("hidden", !isShown);
  node.setAttribute("transform", `translate(${(cross.x * WIDTH) / 100},${(cross.y * HEIGHT) / 100})`);
}

for (const tab of all("view")) {
  tab.addEventListener("click", () => {
    view = tab.dataset.ymMapView;
    show();
  });
}

for (const input of all("field")) {
  input.addEventListener("input", () => {
    if (!points[chosen]) return;
    points[chosen][input.dataset.ymMapField] = input.value.trim();
    showPoints();
    showList();
  });
  input.addEventListener("change", (event) => {
    event.stopPropagation();
    keep();
  });
}

find("remove").addEventListener("click", () => chosen >= 0 && remove(chosen));
form.addEventListener("submit", () => (field.value = JSON.stringify(points)), true);

field.value = JSON.stringify(points);
show();
