// While a new password is typed: how long it is, and whether it is one of few letters. The server decides; this only tells early.
const ENOUGH = 12;

function judge(password) {
  const different = new Set(password.toLowerCase().replace(/\s/g, "")).size;
  if (!password) return null;
  if (password.length < ENOUGH) return { word: "Short.", tone: "warn", hint: `${password.length} of at least ${ENOUGH} letters.`, share: (password.length / ENOUGH) * 60 };
  if (different < 5) return { word: "Easy to guess.", tone: "warn", hint: "Take a sentence of your own.", share: 40 };
  if (password.length < 16) return { word: "Good.", tone: "good", hint: "A sentence would be better still.", share: 80 };
  return { word: "Strong.", tone: "good", hint: "", share: 100 };
}

document.querySelectorAll("[data-strength]").forEach((meter) => {
  const input = document.getElementById(meter.dataset.strength);
  const bar = meter.querySelector("[data-strength-bar]");
  const word = meter.querySelector("[data-strength-word]");
  const hint = meter.querySelector("[data-strength-hint]");
  const usual = hint.textContent;
  input?.addEventListener("input", () => {
    const verdict = judge(input.value);
    meter.toggleAttribute("data-on", Boolean(verdict));
    word.textContent = verdict?.word ?? "";
    word.className = verdict ? `${verdict.tone}-ink` : "";
    hint.textContent = verdict ? verdict.hint : usual;
    bar.setAttribute("width", verdict?.share ?? 0);
    bar.setAttribute("class", verdict?.tone === "good" ? "go" : "warn");
  });
});
