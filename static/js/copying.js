// Copy buttons, and the button that shows a password.
async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const word = button.querySelector("[data-copy-word]");
  const before = word?.textContent;
  const text = "value" in source ? source.value : source.textContent;
  try {
    await navigator.clipboard.writeText(text);
    if (word) word.textContent = "Copied";
  } catch {
    getSelection()?.selectAllChildren(source);
    if (word) word.textContent = "Press Ctrl C";
  }
  if (word) setTimeout(() => { word.textContent = before; }, 2000);
}

function reveal(button) {
  const input = document.getElementById(button.dataset.reveal);
  const shown = input.type === "text";
  input.type = shown ? "password" : "text";
  button.setAttribute("aria-label", shown ? "Show the password" : "Hide the password");
  button.setAttribute("aria-pressed", String(!shown));
}

document.addEventListener("click", (event) => {
  const copier = event.target.closest?.("[data-copy]");
  if (copier) copy(copier);
  const revealer = event.target.closest?.("[data-reveal]");
  if (revealer) reveal(revealer);
});

const unhide = (root) => root.querySelectorAll("[data-reveal][hidden]").forEach((button) => { button.hidden = false; });
unhide(document);
document.addEventListener("htmx:load", (event) => unhide(event.target));
