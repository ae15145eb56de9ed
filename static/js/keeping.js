// Signed out in the middle of a letter: a save answers 401 with a dialog that signs in again. What was typed waits on this
// device and goes back into its form afterwards. Secrets do not, even while they are shown, nor where a connection signs in.
const key = (path) => `kept:${path}`;
const FIELDS = "form[method=post] :is(textarea, select, input:not([type=hidden], [type=password], [autocomplete$=password], [type=file], [data-moves]))[name]";
const AGAIN_MS = 3000; // a token that does not help is not asked for without end

const written = () => [...document.querySelectorAll(FIELDS)].filter((field) => !field.closest("#signed-out"));
const ticked = (field) => ["radio", "checkbox"].includes(field.type);
const version = () => document.getElementById("version");

function keep() {
  const fields = written().map((field) => [field.name, field.value, ticked(field) && field.checked]);
  const kept = { fields, version: version()?.value };
  try { localStorage.setItem(key(location.pathname), JSON.stringify(kept)); } catch { /* a private window cannot keep it */ }
}

function taken() {
  try {
    const kept = JSON.parse(localStorage.getItem(key(location.pathname)) || "null");
    localStorage.removeItem(key(location.pathname));
    return kept;
  } catch { return null; }
}

// Answers whether the field was another before.
function fill([name, value, checked]) {
  const field = written().find((one) => one.name === name && (!ticked(one) || one.value === value));
  if (!field || field.readOnly || field.disabled) return false;
  if (ticked(field) ? field.checked === checked : field.value === value) return false;
  if (ticked(field)) field.checked = checked;
  else field.value = value;
  field.dispatchEvent(new Event(ticked(field) ? "change" : "input", { bubbles: true }));
  return true;
}

function restore() {
  const kept = taken();
  if (!kept?.fields) return;
  const back = kept.fields.filter(fill).length;
  if (!back) return;
  // Saved elsewhere since? Then the save that follows shows both.
  if (version() && kept.version) version().value = kept.version;
  document.dispatchEvent(new CustomEvent("mailrith:toast", { detail: { text: "What you wrote before you were signed out is back." } }));
}

function ask(xhr) {
  keep();
  const word = document.getElementById("saved");
  if (word) word.textContent = "Not saved: you were signed out";
  const shown = document.getElementById("signed-out");
  if (shown) {
    if (!shown.open) shown.showModal();
    return;
  }
  const dialog = new DOMParser().parseFromString(xhr.responseText, "text/html").getElementById("signed-out");
  if (!dialog) return;
  name(dialog);
  document.body.append(document.adoptNode(dialog));
  dialog.showModal();
  dialog.querySelector("[type=password]").focus();
  dialog.addEventListener("submit", () => {
    keep();
    for (const form of document.querySelectorAll("form[data-dirty]")) delete form.dataset.dirty;
  });
}

// Who it was, and what there is to copy: the page knows, the server does not any more.
function name(dialog) {
  const email = document.querySelector("[data-my-email]")?.dataset.myEmail;
  const input = dialog.querySelector("[type=email]");
  if (email) {
    input.value = email;
    input.readOnly = true;
  }
  const copy = dialog.querySelector("[data-copy]");
  const [longest] = written().filter((field) => field.matches("textarea[id]")).sort((a, b) => b.value.length - a.value.length);
  if (longest) copy.dataset.copy = longest.id;
  else copy.remove();
}

// Signed in again in another tab: the page gets a token that counts, and saves once more.
let renewed = -AGAIN_MS;
function renew(token, { triggeringEvent }) {
  if (performance.now() - renewed < AGAIN_MS) return;
  renewed = performance.now();
  document.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
  for (const input of document.querySelectorAll("[name=csrf_token]")) input.value = token;
  triggeringEvent?.target.dispatchEvent(new Event(triggeringEvent.type, { bubbles: true }));
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.status !== 401) return;
  event.detail.isError = false;
  event.detail.shouldSwap = false;
  const token = xhr.getResponseHeader("X-CSRFToken");
  if (token) renew(token, requestConfig);
  else ask(xhr);
});

// A sign-in that failed stays on its own page; coming back to the letter brings the words back, when htmx listens for them.
document.addEventListener("DOMContentLoaded", restore);
