// Runs in the head, before the first paint, so that a dark room never sees a white flash.
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("ym-theme") || "auto";
    } catch {
      return "auto";
    }
  };
  const apply = () => {
    const choice = chosen();
    document.documentElement.dataset.theme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
    document.querySelectorAll("[data-ym-theme]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.ymTheme === choice));
    });
  };
  apply();
  dark.addEventListener("change", apply);
  document.addEventListener("DOMContentLoaded", apply);
  window.addEventListener("beforeprint", () => (document.documentElement.dataset.theme = "light"));
  window.addEventListener("afterprint", apply);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-ym-theme]");
    if (!button) return;
    localStorage.setItem("ym-theme", button.dataset.ymTheme);
    apply();
  });
})();
