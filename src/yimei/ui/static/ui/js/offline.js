// Without a network nothing is sent, and nothing is lost.
const banner = document.getElementById("offline");
const show = () => (banner.hidden = navigator.onLine);

window.addEventListener("online", show);
window.addEventListener("offline", show);
show();

document.addEventListener(
  "submit",
  (event) => {
    if (navigator.onLine || event.target.method === "dialog") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    show();
    banner.scrollIntoView();
  },
  true,
);
