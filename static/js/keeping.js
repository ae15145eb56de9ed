// What was typed when the session had ended waits on this device, and goes back into its form after the sign-in.
const key = (path) => `kept:${path}`;

const page = document.querySelector("[data-keep-for]");
if (page) {
  const fields = [...page.querySelectorAll("[data-keep]")].map((field) => [field.dataset.keep, field.value]);
  try { localStorage.setItem(key(page.dataset.keepFor), JSON.stringify(fields)); } catch { /* a private window: it is still on the page */ }
}

function restore() {
  const name = key(location.pathname);
  let fields;
  try {
    fields = JSON.parse(localStorage.getItem(name) || "null");
    localStorage.removeItem(name);
  } catch { return; }
  if (!fields) return;
  let back = 0;
  for (const [field, value] of fields) {
    const target = document.querySelector(`main [name="${CSS.escape(field)}"]:is(textarea, input:not([type=hidden], [type=radio], [type=checkbox]))`);
    if (!target || target.value === value) continue;
    target.value = value;
    target.dispatchEvent(new Event("input", { bubbles: true }));
    back += 1;
  }
  if (back) document.dispatchEvent(new CustomEvent("mailrith:toast", { detail: { text: "What you wrote before you were signed out is back." } }));
}
if (!page) restore();
