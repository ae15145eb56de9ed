// Signed out in the middle of a letter: a save answers 401 with a dialog that signs in again. What was typed waits on this
// device and goes back into its form afterwards.
const key = (path) => `kept:${path}`;
const FIELDS = "main :is(textarea, input:not([type=hidden], [type=radio], [type=checkbox], [type=password], [type=file]))[name]";

function keep() {
  const fields = [...document.querySelectorAll(FIELDS)].map((field) => [field.name, field.value]);
  try { localStorage.setItem(key(location.pathname), JSON.stringify(fields)); } catch { /* a private window cannot keep it */ }
}

function restore() {
  let fields;
  try {
    fields = JSON.parse(localStorage.getItem(key(location.pathname)) || "null");
    localStorage.removeItem(key(location.pathname));
  } catch { return; }
  if (!fields) return;
  let back = 0;
  for (const [name, value] of fields) {
    const target = [...document.querySelectorAll(FIELDS)].find((field) => field.name === name);
    if (!target || target.readOnly || target.value === value) continue;
    target.value = value;
    target.dispatchEvent(new Event("input", { bubbles: true }));
    back += 1;
  }
  if (back) document.dispatchEvent(new CustomEvent("mailrith:toast", { detail: { text: "What you wrote before you were signed out is back." } }));
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.status !== 401) return;
  event.detail.isError = false;
  event.detail.shouldSwap = false;
  if (document.getElementById("signed-out")) return;
  const parsed = new DOMParser().parseFromString(xhr.responseText, "text/html");
  const dialog = parsed.getElementById("signed-out");
  if (!dialog) return;
  document.body.append(document.adoptNode(dialog));
  dialog.showModal();
  dialog.addEventListener("submit", () => {
    keep();
    for (const form of document.querySelectorAll("form[data-dirty]")) delete form.dataset.dirty;
  });
});

// A sign-in that failed stays on its own page; coming back to the letter brings the words back.
restore();
