// A signature drawn by finger, pen or mouse; an empty one is not sent, unless its form asks for other things besides.
import { bind } from "./bind.js";

bind("[data-ym-signature]", async (box) => {
  const { default: SignaturePad } = await import("../vendor/signature_pad/signature_pad.min.js");
  const canvas = box.querySelector("canvas");
  const value = box.querySelector("[data-ym-signature-value]");
  const error = box.querySelector("[data-ym-signature-error]");
  const pad = new SignaturePad(canvas, { backgroundColor: "rgb(255,255,255)", penColor: "rgb(20,28,30)", minWidth: 0.8, maxWidth: 2.6 });

  function fit() {
    const ratio = Math.max(window.devicePixelRatio || 1, 1);
    const strokes = pad.toData();
    canvas.width = canvas.offsetWidth * ratio;
    canvas.height = canvas.offsetHeight * ratio;
    canvas.getContext("2d").scale(ratio, ratio);
    pad.clear();
    pad.fromData(strokes);
  }

  function keep() {
    value.value = pad.isEmpty() ? "" : pad.toDataURL("image/png");
    if (value.value) refuse("");
  }

  function refuse(text) {
    error.textContent = text;
    error.hidden = !text;
    box.classList.toggle("has-error", Boolean(text));
  }

  new ResizeObserver(() => canvas.offsetWidth && fit()).observe(canvas);
  pad.addEventListener("endStroke", keep);
  box.querySelector("[data-ym-signature-clear]").addEventListener("click", () => {
    pad.clear();
    keep();
  });
  box.querySelector("[data-ym-signature-undo]").addEventListener("click", () => {
    pad.fromData(pad.toData().slice(0, -1));
    keep();
  });
  box.closest("form")?.addEventListener(
    "submit",
    (event) => {
      if (!pad.isEmpty() || value.matches(":disabled") || box.dataset.ymSignature === "optional") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      refuse(box.dataset.empty);
      canvas.focus();
    },
    true,
  );
});
