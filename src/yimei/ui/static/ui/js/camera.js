// A photograph taken on the spot: the live picture, the earlier photo of the same view over it, one press, into the form.
import { bind } from "./bind.js";

const WANTED = { width: { ideal: 2560 }, height: { ideal: 1920 } };
const QUALITY = 0.95;

bind("[data-ym-camera]", (box) => {
  const part = (name) => box.querySelector(`[data-ym-camera-${name}]`);
  const [view, shot, note, file] = [part("view"), part("shot"), part("note"), box.querySelector("input[type=file]")];
  const origin = box.closest("form").querySelector("[data-ym-camera-origin]");
  let stream = null;
  let facing = "environment";

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
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
  }

  async function start(isAsked) {
    stop();
    if (!navigator.mediaDevices?.getUserMedia) return say(box.dataset.none);
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { ...WANTED, facingMode: facing }, audio: false });
    } catch (error) {
      show("idle");
      return say(error.name === "NotAllowedError" ? box.dataset.denied : box.dataset.none);
    }
    view.srcObject = stream;
    await view.play();
    say("");
    if (isAsked) clear();
    else if (file.files.length) return; // chosen while the camera woke up
    show("live");
  }

  function clear() {
    if (shot.src) URL.revokeObjectURL(shot.src);
    shot.removeAttribute("src");
    file.value = "";
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
