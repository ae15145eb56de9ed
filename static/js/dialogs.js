// Dialogs and drawers. Both are plain markup that works by links; here they get focus, Escape and a way back.
const leave = (element) => { if (element.dataset.close) location.assign(element.dataset.close); };

function show(dialog) {
  if (dialog.open && !dialog.matches(":modal")) dialog.close();
  dialog.previousElementSibling?.matches(".scrim") && dialog.previousElementSibling.remove();
  if (!dialog.open) dialog.showModal();
  const first = dialog.querySelector("[autofocus], [aria-invalid=true], input:not([type=hidden]), textarea, select, .dialog-foot .btn");
  first?.focus();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest?.("[data-dialog-open]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialogOpen);
    if (dialog) {
      event.preventDefault();
      opener.closest("details.menu")?.removeAttribute("open");
      dialog.returnTo = opener;
      show(dialog);
    }
    return;
  }
  const closer = event.target.closest?.("[data-dialog-close]");
  const dialog = closer?.closest("dialog");
  if (dialog && !dialog.dataset.close) {
    event.preventDefault();
    dialog.close();
  }
  // a press on the backdrop is a press on the dialog itself, outside its box
  if (event.target instanceof HTMLDialogElement && event.target.matches(":modal")) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) { event.target.close(); leave(event.target); }
  }
});

document.addEventListener("cancel", (event) => leave(event.target), true);
document.addEventListener("close", (event) => event.target.returnTo?.focus(), true);

// ---- drawer -------------------------------------------------------------------------------
function arrive(drawer) {
  if (drawer.contains(document.activeElement)) return;
  const wrong = drawer.querySelector("[aria-invalid=true]");
  (wrong || drawer.querySelector("[autofocus]") || drawer).focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("dialog:modal, details.menu[open]")) return;
  const drawer = document.querySelector("[data-drawer]");
  const link = drawer?.querySelector("[data-drawer-close]");
  if (link) link.click();
});

// A change that was not saved asks before it is lost.
function dirty(form) {
  form.dataset.dirty = "true";
}
document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-guard]");
  if (form) dirty(form);
});
document.addEventListener("submit", (event) => { delete event.target.dataset.dirty; });
addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-guard][data-dirty]")) event.preventDefault();
});

function settle(root) {
  for (const dialog of root.querySelectorAll("dialog[data-dialog-now]")) show(dialog);
  const drawer = root.querySelector("[data-drawer]");
  if (drawer) arrive(drawer);
  else root.querySelector("[data-focus]")?.focus();
}
settle(document);
document.addEventListener("htmx:afterSettle", (event) => settle(event.target));
