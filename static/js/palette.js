// Ctrl or Cmd with K: one place to find a page, a person or a letter. Also the other keys, listed under "?".
const palette = document.getElementById("palette");
const keys = document.getElementById("shortcuts");
const input = palette?.querySelector("input");
const list = palette?.querySelector("[role=listbox]");
let asked = 0;
let timer;

const options = () => [...list.querySelectorAll("[role=option]")];

function choose(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else input.removeAttribute("aria-activedescendant");
}

async function search() {
  const mine = ++asked;
  const url = new URL(palette.dataset.url, location.href);
  url.searchParams.set("q", input.value.trim());
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true" }, redirect: "error" });
    if (!answer.ok || mine !== asked) return;
    list.innerHTML = await answer.text();
  } catch { return; }
  options().forEach((option, at) => { option.id = `palette-${at}`; option.tabIndex = -1; });
  choose(options()[0]);
}

function open() {
  if (!palette || palette.open || !palette.dataset.url) return;
  document.getElementById("sidebar")?.hidePopover?.();
  keys?.close();
  palette.showModal();
  input.select();
  search();
}

function walk(step) {
  const all = options();
  if (!all.length) return;
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  choose(all[(at + step + all.length) % all.length]);
}

input?.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(search, 120); });
input?.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") walk(1);
  else if (event.key === "ArrowUp") walk(-1);
  else if (event.key === "Enter") list.querySelector("[aria-selected=true]")?.click();
  else return;
  event.preventDefault();
});
list?.addEventListener("pointermove", (event) => {
  const option = event.target.closest("[role=option]");
  if (option) choose(option);
});

// ---- single keys -----------------------------------------------------------------------------
let waiting = "";
const typing = (element) => element.closest?.("input, textarea, select, [contenteditable=true]");

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
    if (event.target.closest?.(".md-text")) return; // there it makes a link
    event.preventDefault();
    open();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog:modal")) return;
  if (event.key === "?") { event.preventDefault(); keys?.showModal(); return; }
  if (event.key === "/") {
    const box = document.querySelector("[data-list-search]");
    if (box) { event.preventDefault(); box.focus(); }
    return;
  }
  const combination = `${waiting} ${event.key}`.trim();
  const link = keys?.querySelector(`[data-key="${CSS.escape(combination)}"]`) || null;
  waiting = event.key === "g" ? "g" : "";
  if (waiting) setTimeout(() => { waiting = ""; }, 1200);
  if (link) location.assign(link.href);
});

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-palette-open]")) open();
  if (event.target.closest?.("[data-shortcuts-open]")) {
    event.target.closest("details.menu")?.removeAttribute("open");
    keys?.showModal();
  }
});
