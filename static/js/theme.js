// Follows the system unless the reader chose otherwise. Not a module: it must run before the first paint.
(function () {
  const root = document.documentElement;
  root.classList.add("js");
  const read = () => { try { return localStorage.getItem("theme") || ""; } catch { return ""; } };
  const apply = (theme) => { if (theme) root.dataset.theme = theme; else delete root.dataset.theme; };
  apply(read());
  document.addEventListener("DOMContentLoaded", () => {
    const choice = document.querySelector("[data-theme-choice]");
    if (!choice) return;
    choice.hidden = false;
    for (const radio of choice.querySelectorAll("input")) {
      radio.checked = radio.value === read();
      radio.addEventListener("change", () => {
        try { localStorage.setItem("theme", radio.value); } catch { /* a private window forgets it */ }
        apply(radio.value);
      });
    }
  });
})();
