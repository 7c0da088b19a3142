// A bar taken up on a timeline: by mouse, by finger or by keys; what stands against the place is said before it is let go.
import { bind, quiet } from "./bind.js";

const QUARTER = 15 * 60_000;
const DAY = 24 * 60 * 60_000;
const SLOT = 5 * 60_000;
const LONG_PRESS = 350;
const SLIP = 6;

let moved = null;

class Hold {
  constructor(board, bar) {
    Object.assign(this, { board, bar, answer: null });
    this.home = this.lane = bar.closest("[data-ym-lane]");
    this.from = this.start = Date.parse(bar.dataset.start);
    this.note = board.querySelector("[data-ym-move-say]");
    this.isWeek = board.dataset.view === "week";
    this.width = bar.offsetWidth;
    this.look = quiet(120, () => this.ask());
    bar.classList.remove("is-back");
    bar.classList.add("is-held");
    bar.setAttribute("aria-grabbed", "true");
    this.say(board.dataset.home, "");
  }

  get isHome() {
    return this.start === this.from && this.lane === this.home;
  }

  /** The booking on which this one lies, when the two could change places. */
  get other() {
    const length = Date.parse(this.bar.dataset.end) - this.from;
    return [...this.lane.querySelectorAll("[data-ym-move]")].find(
      (bar) => bar !== this.bar && Date.parse(bar.dataset.start) < this.start + length && this.start < Date.parse(bar.dataset.end),
    );
  }

  get slot() {
    const changes = this.lane.dataset.ymLane !== this.home.dataset.ymLane;
    const who = (kind) => (changes && this.board.dataset.by === kind ? this.lane.dataset.ymLane : "");
    return [new Date(this.start).toISOString(), who("staff"), who("room")].join("|");
  }

  /** Moves to a lane and a time; the lane of a week says the day. */
  go(lane, start) {
    const at = this.isWeek ? this.from + Math.round((Date.parse(lane.dataset.day) - Date.parse(this.home.dataset.day)) / DAY) * DAY : start;
    if (lane === this.lane && at === this.start) return;
    this.lane.classList.remove("is-target");
    Object.assign(this, { lane, start: at, answer: null });
    this.lane.classList.toggle("is-target", !this.isHome);
    this.draw();
    this.bar.classList.remove("is-ok", "is-bad");
    if (this.isHome) return this.say(this.board.dataset.home, "");
    if (!("main" in this.bar.dataset) && lane.dataset.ymLane !== this.home.dataset.ymLane) return this.judge(false, this.board.dataset.fixed);
    this.say(this.board.dataset.asking, "");
    this.look();
  }

  draw() {
    const [here, home] = [this.lane.getBoundingClientRect(), this.home.getBoundingClientRect()];
    const slots = Number(this.home.dataset.slots || 1);
    const x = this.isWeek ? here.left - home.left : ((this.start - this.from) / SLOT) * (home.width / slots);
    this.bar.style.setProperty("--right", `${x}px`);
    this.bar.style.setProperty("--down", `${here.top - home.top}px`);
  }

  async ask() {
    if (this.isHome || this.isOver) return;
    const slot = this.slot;
    const request = (this.asked = fetch(`${this.bar.dataset.try}?slot=${encodeURIComponent(slot)}`, { headers: { Accept: "application/json" } })
      .then(async (response) => ({ ok: response.ok, ...(await response.json()) }))
      .catch(() => ({ ok: false, title: this.board.dataset.failed })));
    const said = await request;
    if (this.asked !== request || this.slot !== slot || this.isOver) return;
    const next = (said.next_free ?? []).map(([start]) => clock(start)).join("、");
    this.judge(said.ok, said.ok ? said.text : said.title + (this.other ? ` ${this.board.dataset.exchange}` : next ? ` → ${next}` : ""));
  }

  judge(isOk, text) {
    this.answer = isOk;
    this.bar.classList.toggle("is-ok", isOk);
    this.bar.classList.toggle("is-bad", !isOk);
    this.say(text, isOk ? "is-ok" : "is-bad");
  }

  say(text, tone) {
    this.note.hidden = !text;
    this.note.textContent = text;
    this.note.className = `move-say ${tone}`;
  }

  /** Lets go: where nothing stands against it the form is sent; on another booking the exchange is asked; else the bar goes back, or stays in the hand of the keyboard. */
  async drop(staysOnRefusal) {
    if (this.isHome) return this.back();
    if (this.answer === null) await this.ask();
    if (this.answer) return this.send();
    if (this.other) return this.exchange(this.other);
    if (!staysOnRefusal) {
      const said = this.note.textContent;
      this.back();
      this.say(said, "is-bad");
      setTimeout(() => (this.note.hidden = true), 5000);
    }
  }

  send() {
    const form = this.board.querySelector("[data-ym-move-form]");
    form.elements.booking.value = this.bar.dataset.ymMove;
    form.elements.slot.value = this.slot;
    moved = this;
    this.end();
    form.requestSubmit();
  }

  exchange(other) {
    const form = this.board.querySelector("[data-ym-swap-form]");
    form.elements.booking.value = this.bar.dataset.ymMove;
    form.elements.other.value = other.dataset.ymMove;
    this.back();
    form.requestSubmit();
  }

  back() {
    this.end();
    this.bar.classList.add("is-back");
    this.bar.style.setProperty("--right", "0px");
    this.bar.style.setProperty("--down", "0px");
    this.say("", "");
  }

  end() {
    this.isOver = true;
    this.lane.classList.remove("is-target");
    this.bar.classList.remove("is-held", "is-ok", "is-bad");
    this.bar.removeAttribute("aria-grabbed");
  }
}

const clock = (iso) => new Date(iso).toLocaleString("zh-CN", { timeZone: "Asia/Shanghai", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" });

bind("[data-ym-moves]", (board) => {
  let hold = null;
  let press = null;

  const lanes = () => [...board.querySelectorAll("[data-ym-lane]")];
  const take = (bar) => (hold = new Hold(board, bar));

  function laneAt(x, y) {
    return lanes().find((lane) => {
      const box = lane.getBoundingClientRect();
      return y >= box.top - 4 && y <= box.bottom + 4 && (hold.isWeek ? x >= box.left && x <= box.right : true);
    });
  }

  function follow(event) {
    const lane = laneAt(event.clientX, event.clientY) ?? hold.lane;
    const slots = Number(hold.home.dataset.slots || 1);
    const passed = ((event.clientX - press.x) / (hold.home.clientWidth / slots)) * SLOT;
    hold.go(lane, Math.round((hold.from + passed) / QUARTER) * QUARTER);
  }

  function release(event) {
    clearTimeout(press?.timer);
    if (hold && press) {
      const held = hold;
      hold = null;
      board.addEventListener("click", (click) => click.preventDefault(), { capture: true, once: true });
      setTimeout(() => board.dispatchEvent(new MouseEvent("click")), 50); // the guard against the click goes with it
      if (event.type === "pointercancel") held.back();
      else held.drop(false);
    }
    press = null;
  }

  board.addEventListener("dragstart", (event) => event.preventDefault());
  board.addEventListener("pointerdown", (event) => {
    const bar = event.target.closest("[data-ym-move]");
    if (!bar || event.button !== 0 || hold) return;
    const isTouch = event.pointerType === "touch";
    press = { bar, x: event.clientX, y: event.clientY, id: event.pointerId, isTouch };
    if (isTouch) press.timer = setTimeout(() => (navigator.vibrate?.(10), take(bar)), LONG_PRESS);
  });
  board.addEventListener("pointermove", (event) => {
    if (!press || event.pointerId !== press.id) return;
    const far = Math.hypot(event.clientX - press.x, event.clientY - press.y) > SLIP;
    if (!hold && far && press.isTouch) {
      clearTimeout(press.timer);
      press = null;
      return;
    }
    if (!hold && far) {
      press.bar.setPointerCapture(event.pointerId);
      take(press.bar);
    }
    if (hold) follow(event);
  });
  board.addEventListener("pointerup", release);
  board.addEventListener("pointercancel", release);
  board.addEventListener("touchmove", (event) => hold && event.preventDefault(), { passive: false });
  board.addEventListener("contextmenu", (event) => press?.isTouch && event.preventDefault());

  board.addEventListener("keydown", (event) => {
    const bar = event.target.closest("[data-ym-move]");
    if (!bar || press) return;
    if (!hold) {
      if (event.key === " ") {
        event.preventDefault();
        take(bar);
      }
      return;
    }
    const all = lanes();
    const across = hold.isWeek ? 7 : 1;
    const at = all.indexOf(hold.lane);
    const step = QUARTER * (event.shiftKey ? 4 : 1);
    const column = at % across;
    const acts = {
      ArrowLeft: () => (hold.isWeek ? hold.go(all[at - (column > 0)], 0) : hold.go(hold.lane, hold.start - step)),
      ArrowRight: () => (hold.isWeek ? hold.go(all[at + (column < across - 1)], 0) : hold.go(hold.lane, hold.start + step)),
      ArrowUp: () => hold.go(all[at - across] ?? hold.lane, hold.start),
      ArrowDown: () => hold.go(all[at + across] ?? hold.lane, hold.start),
      Enter: () => hold.drop(true).then(() => hold?.isOver && (hold = null)),
      " ": () => hold.drop(true).then(() => hold?.isOver && (hold = null)),
      Escape: () => (hold.back(), (hold = null)),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  });
  board.addEventListener("focusout", () => {
    if (hold && !press) {
      hold.back();
      hold = null;
    }
  });
});

document.addEventListener("htmx:after:swap", () => {
  if (!moved) return;
  const again = document.querySelector(`[data-ym-move="${moved.bar.dataset.ymMove}"]`);
  if (moved.bar.isConnected) moved.back();
  moved = null;
  again?.focus({ preventScroll: true });
});
