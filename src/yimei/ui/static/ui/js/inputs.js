// Understands dates, times and phones the way people type them.
import { bind, on } from "./bind.js";

const two = (number) => String(number).padStart(2, "0");

/** Reads 0506, 5.6, 5月6日, 20260506, 2026-5-6; a year that is missing is this one. Returns "" when it is no date. */
export function readDate(text, today = new Date()) {
  const plain = text.trim().replace(/[年月./\s日]/g, "-").replace(/-+$/, "");
  let parts = plain.split("-").filter(Boolean);
  if (parts.length === 1 && /^\d{8}$/.test(plain)) parts = [plain.slice(0, 4), plain.slice(4, 6), plain.slice(6)];
  else if (parts.length === 1 && /^\d{3,4}$/.test(plain)) parts = [plain.slice(0, -2), plain.slice(-2)];
  if (parts.length === 2) parts.unshift(String(today.getFullYear()));
  if (parts.length !== 3 || parts[0].length !== 4) return "";
  const [year, month, day] = parts.map(Number);
  const read = new Date(year, month - 1, day);
  if (read.getMonth() !== month - 1 || read.getDate() !== day) return "";
  return `${year}-${two(month)}-${two(day)}`;
}

/** Reads 930, 0930, 9:30, 9：30, 9点半. */
export function readTime(text) {
  const plain = text.trim().replace("点半", ":30").replace(/点钟?$/, ":00").replace(/[：点.]/, ":").replace(/分$/, "");
  const [, hour, minute] = plain.match(/^(\d{1,2}):?(\d{2})$/) ?? plain.match(/^(\d{1,2})()$/) ?? [];
  if (hour === undefined || Number(hour) > 23 || Number(minute || 0) > 59) return "";
  return `${two(hour)}:${two(minute || 0)}`;
}

/** Takes away what people paste round a phone number. */
export const readPhone = (text) => {
  const plain = text.replace(/[\s\-()（）–—]/g, "").replace(/^(\+86|0086)(?=1\d{10}$)/, "");
  return /^\+?\d{5,}$/.test(plain) ? plain : text.trim();
};

on("change", "[data-ym-date]", (input) => (input.value = readDate(input.value) || input.value));
on("change", "[data-ym-time]", (input) => {
  if (input.type === "text") input.value = readTime(input.value) || input.value;
});
on("change", "[data-ym-phone]", (input) => (input.value = readPhone(input.value)));

/** Names the chosen files on the face under the browser's own control. */
function nameFiles(input) {
  const name = input.parentElement.querySelector("[data-ym-file-name]");
  if (!name) return;
  name.textContent = [...input.files].map((file) => file.name).join("、");
  name.hidden = !name.textContent;
  name.previousElementSibling.hidden = !name.hidden;
}

bind("input[type=file]", (input) => {
  nameFiles(input); // a page that comes back may hold a file already
  input.addEventListener("change", () => nameFiles(input));
  input.addEventListener("ym:files", () => nameFiles(input));
});

bind("[data-ym-date-open]", (button) => {
  const input = button.parentElement.querySelector("[data-ym-date]");
  const native = document.createElement("input");
  native.type = "date";
  native.className = "date-native";
  native.tabIndex = -1;
  native.setAttribute("aria-hidden", "true");
  button.parentElement.append(native);
  native.addEventListener("change", () => {
    input.value = native.value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.focus();
  });
  button.addEventListener("click", () => {
    native.value = readDate(input.value);
    native.showPicker();
  });
});
