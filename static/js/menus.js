// Menus are <details class="menu">. They close on Escape, on a press outside and when focus leaves them; arrows walk through.
const open = () => document.querySelectorAll("details.menu[open]");
const entries = (menu) => [...menu.querySelectorAll(".menu-pop :is(a, button, input):not([disabled])")];

function close(menu, { refocus = false } = {}) {
  menu.open = false;
  if (refocus) menu.querySelector("summary").focus();
}

document.addEventListener("click", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) close(menu);
});

document.addEventListener("focusin", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) close(menu);
});

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (!menu) return;
  if (event.key === "Escape") {
    event.stopPropagation();
    close(menu, { refocus: true });
  } else if (["ArrowDown", "ArrowUp"].includes(event.key) && !event.target.matches("input, select, textarea")) {
    const all = entries(menu);
    const at = all.indexOf(document.activeElement);
    const next = event.key === "ArrowDown" ? at + 1 : at - 1 + (at < 0 ? all.length + 1 : 0);
    event.preventDefault();
    all[(next + all.length) % all.length]?.focus();
  }
}, true);

// A menu near the foot of the window opens upwards.
document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!(menu instanceof HTMLDetailsElement) || !menu.matches(".menu") || !menu.open) return;
  const pop = menu.querySelector(".menu-pop");
  menu.classList.remove("menu-up");
  if (pop && pop.getBoundingClientRect().bottom > innerHeight - 8) menu.classList.add("menu-up");
}, true);

// Ticking the head of a table ticks its rows; the bulk bar counts them.
function count(list) {
  const rows = [...list.querySelectorAll("tbody .check")];
  const ticked = rows.filter((box) => box.checked);
  const all = list.querySelector("thead .check");
  if (all) {
    all.checked = rows.length > 0 && ticked.length === rows.length;
    all.indeterminate = ticked.length > 0 && ticked.length < rows.length;
  }
  for (const place of list.querySelectorAll("[data-bulk-count]")) place.textContent = ticked.length.toLocaleString();
  for (const box of rows) box.closest("tr")?.setAttribute("aria-selected", String(box.checked));
}
document.addEventListener("change", (event) => {
  const list = event.target.closest?.(".list");
  if (!list || !event.target.matches(".check")) return;
  if (event.target.closest("thead")) {
    for (const box of list.querySelectorAll("tbody .check")) box.checked = event.target.checked;
  }
  count(list);
});
document.addEventListener("reset", (event) => {
  const list = event.target.closest?.(".list") || event.target.querySelector?.(".list");
  if (list) setTimeout(() => count(list));
});
