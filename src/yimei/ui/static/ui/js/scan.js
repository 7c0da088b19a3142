// A customer's code read by the camera of the desk, where the browser can; a hand scanner types into the field.
import { bind } from "./bind.js";

bind("[data-ym-scan]", (form) => {
  const part = (name) => form.querySelector(`[data-ym-scan-${name}]`);
  const [view, note, start] = [part("view"), part("note"), part("start")];

  function say(text) {
    note.textContent = text;
    note.hidden = !text;
  }

  async function look() {
    if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return say(form.dataset.none);
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch (error) {
      return say(error.name === "NotAllowedError" ? form.dataset.denied : form.dataset.none);
    }
    const reader = new BarcodeDetector({ formats: ["qr_code"] });
    view.srcObject = stream;
    view.hidden = false;
    await view.play();
    window.addEventListener("pagehide", () => stream.getTracks().forEach((track) => track.stop()));
    const timer = setInterval(async () => {
      const [found] = await reader.detect(view);
      if (!found) return;
      clearInterval(timer);
      stream.getTracks().forEach((track) => track.stop());
      form.elements.code.value = found.rawValue;
      form.requestSubmit();
    }, 250);
  }

  start.addEventListener("click", look);
});
