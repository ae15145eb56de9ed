// Choosing a tag chooses "people with tags"; typing a day chooses "at a set time". The server says the rest.
import { pressAfterSaving } from "./saving.js";

const form = document.getElementById("audience-form");
pressAfterSaving(form);
const choose = (name, value) => {
  const radio = form.querySelector(`[name="${name}"][value="${value}"]`);
  if (radio && !radio.disabled) radio.checked = true;
};

form.addEventListener("change", (event) => {
  if (event.target.name === "with_tags" && event.target.checked) choose("mode", "tags");
}, true);
form.addEventListener("input", (event) => {
  if (!["day", "at_time"].includes(event.target.name)) return;
  choose("when", "later");
  // another time is another question
  for (const answer of form.querySelectorAll("[name=which]")) answer.remove();
}, true);
// It changed in another window: a real save shows both versions.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 409 && event.detail.requestConfig?.elt === form) form.submit();
});
