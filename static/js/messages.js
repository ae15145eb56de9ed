// Toasts. Good news leaves by itself, trouble stays until it is read. `mailrith:toast` events and failed requests add their own.
const place = document.getElementById("toasts");
const STAY_MS = 6000;

function arm(toast) {
  if (toast.dataset.armed) return;
  toast.dataset.armed = "true";
  if (toast.dataset.tone === "bad") return;
  let timer = setTimeout(() => toast.remove(), STAY_MS);
  const hold = () => clearTimeout(timer);
  const go = () => { timer = setTimeout(() => toast.remove(), STAY_MS); };
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("pointerleave", go);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("focusout", go);
}

export function say(text, tone = "ok") {
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.setAttribute("role", tone === "bad" ? "alert" : "status");
  if (tone === "bad") toast.dataset.tone = "bad";
  const words = document.createElement("span");
  words.textContent = text;
  const sprite = document.querySelector("use")?.getAttribute("href").split("#")[0];
  const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  icon.setAttribute("class", "icon");
  icon.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite}#${tone === "bad" ? "circle-x" : "circle-check"}`);
  icon.append(use);
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-sm";
  close.dataset.toastClose = "";
  close.textContent = "Close";
  toast.append(icon, words, close);
  place?.append(toast);
  arm(toast);
}

document.addEventListener("click", (event) => event.target.closest?.("[data-toast-close]")?.closest(".toast")?.remove());
document.querySelectorAll(".toast").forEach(arm);
document.addEventListener("mailrith:toast", (event) => say(event.detail.text || event.detail.value, event.detail.tone));

document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  if (event.detail.elt?.closest?.("[data-quiet]")) return;
  if (status === 401 || status === 403) say("You may not do that, or you were signed out. Reload the page to see.", "bad");
  else if (status === 404) say("It is not there any more. Reload the page to see what is.", "bad");
  else if (status === 409) say("It changed meanwhile. Reload the page to see the newest state.", "bad");
  else if (status === 429) say("That was a little fast. Wait a moment and try again.", "bad");
  else say("Something broke on our side. Nothing you typed is lost; try again in a moment.", "bad");
});
