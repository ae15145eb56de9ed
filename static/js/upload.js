// The file of an import: shows its name, takes a dropped one, and says at once when it is too large.
const form = document.querySelector("form[data-upload]");
const drop = form?.querySelector("[data-drop]");
const input = drop?.querySelector("input[type=file]");
const words = drop?.querySelector("[data-drop-name]");

function show() {
  const file = input.files[0];
  if (!file) return;
  const limit = Number(form.dataset.limitMb);
  const large = file.size > limit * 1024 * 1024;
  input.setCustomValidity(large ? "too large" : "");
  drop.toggleAttribute("data-bad", large);
  words.textContent = large
    ? `${file.name} is larger than ${limit} MB. Cut it into parts and bring them one by one.`
    : file.name;
  for (const button of form.querySelectorAll("button[type=submit]")) button.disabled = large;
}

if (input) {
  input.addEventListener("change", show);
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.toggleAttribute("data-over", true);
  });
  drop.addEventListener("dragleave", () => drop.removeAttribute("data-over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.removeAttribute("data-over");
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    show();
  });
}
