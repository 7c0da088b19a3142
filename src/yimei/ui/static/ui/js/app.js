import "./layers.js";
import "./toasts.js";
import "./forms.js";
import "./drafts.js";
import "./inputs.js";
import "./clock.js";
import "./palette.js";
import "./rows.js";
import "./rail.js";
import "./badges.js";
import "./signature.js";
import "./camera.js";
import "./compare.js";
import "./charts.js";
import "./moves.js";
import "./scan.js";
import "./questions.js";
import "./offline.js";

// Everything above listens now; htmx wakes with the document.
document.addEventListener("DOMContentLoaded", () => setTimeout(() => window.dispatchEvent(new Event("ym:awake"))), { once: true });
