// The door of an event without a network: scans are kept in this browser and sent when there is one; each counts once.
const room = document.querySelector("[data-ym-door]");
const part = (name) => room.querySelector(`[data-door-${name}]`);
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const STORE = `ym-door-${room.dataset.ymDoor}`;
const BATCH = 100;
const words = read("door-words");
const field = room.querySelector("#door-code");
let roster = read("door-roster");
let isSending = false;
let spoken = null; // the scan that the note speaks of, and what it says, until the server has answered

// ---- what this browser keeps: a key, a code, a time; no name and no number ----
const kept = () => JSON.parse(localStorage.getItem(STORE) ?? "[]");
let codes = new Set(kept().map((scan) => scan.code));
function keep(scans) {
  localStorage.setItem(STORE, JSON.stringify(scans));
  codes = new Set(scans.map((scan) => scan.code));
}
const key = () =>
  crypto.randomUUID?.() ??
  "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) => (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));

function statusOf(seat) {
  return codes.has(seat.code) && seat.status !== "cancelled" && seat.status !== "waiting" ? "came" : seat.status;
}

function verdict(code) {
  const seat = roster.find((one) => one.code === code);
  if (!seat) return ["unknown", ""];
  const status = statusOf(seat);
  if (status === "came") return ["again", seat.who];
  return [status === "held" || status === "absent" ? "came" : status, seat.who];
}

function take(code) {
  const text = code.trim();
  if (!text) return;
  const [found, who] = verdict(text);
  // This page's list may be old: whether a code is of nobody, only the server knows.
  const result = found !== "unknown" ? found : navigator.onLine ? "checking" : "unlisted";
  const scan = { key: key(), code: text, at: new Date().toISOString() };
  spoken = result === "again" ? null : { ...scan, result };
  if (spoken) keep([...kept(), scan]);
  say(result, who, spoken && !navigator.onLine);
  draw();
  send();
}

function correct(scans) {
  const answer = spoken && scans.find((one) => one.key === spoken.key);
  if (!answer) return;
  const isNews = answer.result !== spoken.result;
  const code = spoken.code;
  spoken = null;
  if (isNews) say(answer.result, roster.find((one) => one.code === code)?.who ?? "");
}

function keepTheLast() {
  if (spoken?.result !== "checking") return;
  spoken.result = "unlisted";
  say("unlisted", "");
}

// ---- sending ----
async function send() {
  const waiting = kept().slice(0, BATCH);
  if (isSending || !waiting.length || !navigator.onLine) return;
  isSending = true;
  try {
    const answer = await fetch(room.dataset.url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": room.querySelector("[name=csrfmiddlewaretoken]").value },
      body: JSON.stringify({ scans: waiting }),
      redirect: "manual",
    });
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return warn(words.expired);
    if (!answer.ok) return warn(words.refused);
    const told = await answer.json();
    const done = new Set(told.scans.map((one) => one.key));
    keep(kept().filter((scan) => !done.has(scan.key)));
    roster = told.roster;
    correct(told.scans);
  } catch {
    keepTheLast(); // No network after all: everything is still kept.
  } finally {
    isSending = false;
    draw();
  }
  if (kept().length) setTimeout(send, 500);
}

// ---- what is seen ----
function say(result, who, isLater = false) {
  const note = part("said");
  const tone = { came: "good", again: "warn", waiting: "warn", checking: "info", unlisted: "warn" }[result] ?? "danger";
  note.className = `notice notice-${tone}`;
  const later = isLater && result !== "unlisted" ? words.kept : "";
  note.textContent = [who, words[result], later].filter(Boolean).join(" · ");
  note.hidden = false;
}

function warn(text) {
  const note = part("said");
  note.className = "notice notice-danger";
  note.textContent = text;
  note.hidden = false;
}

function line(seat) {
  const row = document.createElement("div");
  row.className = "list-line";
  const who = document.createElement("span");
  who.className = "grow";
  who.textContent = `${seat.who} · ${seat.tail}`;
  row.append(who);
  const status = statusOf(seat);
  if (status === "held" || status === "absent") {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-secondary btn-small";
    button.textContent = words.sign;
    button.addEventListener("click", () => take(seat.code));
    row.append(button);
  } else {
    const chip = document.createElement("span");
    chip.className = `chip chip-${status === "came" ? "good" : "plain"}`;
    chip.textContent = words[status];
    row.append(chip);
  }
  return row;
}

function draw() {
  const sought = part("find").value.trim();
  const seats = roster.filter((seat) => seat.who.includes(sought) || seat.tail.includes(sought));
  const order = { held: 0, absent: 0, waiting: 1, came: 2 };
  seats.sort((one, two) => (order[statusOf(one)] ?? 3) - (order[statusOf(two)] ?? 3));
  part("list").replaceChildren(...seats.map(line));
  part("came").textContent = roster.filter((seat) => statusOf(seat) === "came").length;
  part("all").textContent = roster.filter((seat) => ["held", "came", "absent"].includes(seat.status)).length;
  part("kept").textContent = kept().length;
}

// ---- the camera, one code after another ----
async function look() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return warn(words.blind);
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    return warn(words.blind);
  }
  const reader = new BarcodeDetector({ formats: ["qr_code"] });
  const view = part("view");
  view.srcObject = stream;
  view.hidden = false;
  await view.play();
  window.addEventListener("pagehide", () => stream.getTracks().forEach((track) => track.stop()));
  let last = "";
  setInterval(async () => {
    const [found] = await reader.detect(view);
    if (!found) last = "";
    else if (found.rawValue !== last) take((last = found.rawValue));
  }, 300);
}

part("form").addEventListener("submit", (event) => {
  event.preventDefault();
  take(field.value);
  field.value = "";
  field.focus();
});
part("find").addEventListener("input", draw);
part("start").addEventListener("click", look);
window.addEventListener("online", send);
setInterval(send, 15000);
draw();
send();
