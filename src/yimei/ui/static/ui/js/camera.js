// A photograph taken on the spot: the live picture, the earlier photo of the same view over it, one press, into the form.
import { bind } from "./bind.js";

const WANTED = { width: { ideal: 2560 }, height: { ideal: 1920 } };
const QUALITY = 0.95;
const PATIENCE = 10_000; // milliseconds until a camera that shows nothing is opened once more

bind("[data-ym-camera]", (box) => {
  const part = (name) => box.querySelector(`[data-ym-camera-${name}]`);
  const [view, shot, note, file] = [part("view"), part("shot"), part("note"), box.querySelector("input[type=file]")];
  const origin = box.closest("form").querySelector("[data-ym-camera-origin]");
  let stream = null;
  let facing = "environment";
  let turn = 0;

  function show(state) {
    box.dataset.state = state;
    for (const button of box.querySelectorAll("[data-ym-camera-in]")) {
      button.hidden = !button.dataset.ymCameraIn.split(" ").includes(state);
    }
  }

  function say(text) {
    note.textContent = text ?? "";
    note.hidden = !text;
  }

  function stop() {
    turn += 1;
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
  }

  /** Opens the camera and waits for its first picture; stopped meanwhile, it gives its camera back. */
  async function open() {
    const mine = turn;
    const opened = await navigator.mediaDevices.getUserMedia({ video: { ...WANTED, facingMode: facing }, audio: false });
    if (mine !== turn) return opened.getTracks().forEach((track) => track.stop());
    stream = opened;
    view.srcObject = opened;
    await view.play();
  }

  async function start(isAsked, isSecond = false) {
    stop();
    if (!navigator.mediaDevices?.getUserMedia) return say(box.dataset.none);
    let waiting;
    const slow = new Promise((_, give) => (waiting = setTimeout(() => give(new DOMException("slow", "TimeoutError")), PATIENCE)));
    try {
      await Promise.race([open(), slow]);
    } catch (error) {
      stop();
      if (error.name === "TimeoutError" && !isSecond) return start(isAsked, true);
      show("idle");
      return say(error.name === "NotAllowedError" ? box.dataset.denied : box.dataset.none);
    } finally {
      clearTimeout(waiting);
    }
    say("");
    if (isAsked) clear();
    else if (file.files.length) return; // chosen while the camera woke up
    show("live");
  }

  function clear() {
    if (shot.src) URL.revokeObjectURL(shot.src);
    shot.removeAttribute("src");
    file.value = "";
    file.dispatchEvent(new Event("ym:files"));
  }

  function preview() {
    if (shot.src) URL.revokeObjectURL(shot.src);
    shot.src = URL.createObjectURL(file.files[0]);
    show("shot");
  }

  async function shoot() {
    const canvas = document.createElement("canvas");
    canvas.width = view.videoWidth;
    canvas.height = view.videoHeight;
    canvas.getContext("2d").drawImage(view, 0, 0);
    const blob = await new Promise((keep) => canvas.toBlob(keep, "image/jpeg", QUALITY));
    const chosen = new DataTransfer();
    chosen.items.add(new File([blob], "photo.jpg", { type: "image/jpeg" }));
    file.files = chosen.files;
    file.dispatchEvent(new Event("ym:files"));
    origin.value = "camera";
    preview();
    box.closest("form").querySelector("[data-ym-camera-save]")?.focus();
  }

  part("start").addEventListener("click", () => start(true));
  part("shoot").addEventListener("click", shoot);
  part("again").addEventListener("click", () => {
    clear();
    show(stream ? "live" : "idle");
  });
  part("flip").addEventListener("click", () => {
    facing = facing === "environment" ? "user" : "environment";
    start(true);
  });
  file.addEventListener("change", () => {
    origin.value = "upload";
    if (file.files.length) preview();
    else show(stream ? "live" : "idle");
  });
  shot.addEventListener("error", () => show("file"));

  const fade = part("fade");
  const ghost = part("ghost");
  const blend = () => ghost.style.setProperty("--fade", String(Number(fade.value) / 100));
  if (ghost && fade) {
    fade.addEventListener("input", blend);
    blend();
  }
  const lines = part("lines");
  lines?.addEventListener("change", () => box.classList.toggle("no-guide", !lines.checked));

  window.addEventListener("pagehide", stop);
  show("idle");
  navigator.permissions
    ?.query({ name: "camera" })
    .then((permission) => permission.state === "granted" && start(false))
    .catch(() => {});
});
