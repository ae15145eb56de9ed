// Says at once whether the typed number is the number, and lets a button be pressed only once. The server checks both again.
const digits = (text) => text.replace(/[\s,.'’_]/g, "");

for (const input of document.querySelectorAll("[data-number]")) {
  const hint = document.getElementById(input.getAttribute("aria-describedby"));
  const mark = input.parentElement.querySelector(".matched-mark");
  const first = hint.textContent;
  input.addEventListener("input", () => {
    const right = digits(input.value) === input.dataset.number;
    mark.hidden = !right;
    hint.textContent = right ? "That is the number." : first;
    hint.classList.toggle("good-ink", right);
    hint.classList.remove("bad-ink");
    input.removeAttribute("aria-invalid");
  });
}

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "true";
    form.setAttribute("aria-busy", "true");
  });
}
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
