// Port and security propose each other: 587 and STARTTLS, 465 and TLS. What a person chose against it stays.
const form = document.querySelector(".conn-form");
const port = form?.querySelector("[data-connection-port]");
const security = form?.querySelector("[data-connection-security]");

if (port && security) {
  const usual = JSON.parse(security.dataset.proposals);
  port.addEventListener("change", () => {
    const proposed = usual.security[port.value.trim()];
    if (proposed) security.value = proposed;
  });
  security.addEventListener("change", () => {
    const now = port.value.trim();
    const proposed = usual.port[security.value];
    if (proposed && (now === "" || (now in usual.security && usual.security[now] !== security.value))) port.value = proposed;
  });
}

// A stored secret belongs to the server and sign-in as they were: say so while they are being changed, not after the save.
const secrets = form ? [...form.querySelectorAll("[data-secret]")] : [];
const moving = form ? [...form.querySelectorAll("[data-moves]")] : [];
const before = new Map(moving.map((field) => [field, field.value]));
const hints = new Map(secrets.map((secret) => [secret, document.getElementById(`${secret.id}-hint`)]));
const usually = new Map([...hints].map(([secret, hint]) => [secret, hint?.textContent]));

function tell() {
  const moved = moving.some((field) => field.value !== before.get(field));
  for (const [secret, hint] of hints) {
    if (!hint) continue;
    const words = moved ? secret.dataset.secret : usually.get(secret);
    if (hint.textContent !== words) hint.textContent = words;
    hint.classList.toggle("warn-ink", moved);
    secret.placeholder = moved ? "" : secret.dataset.dots ?? "";
  }
}
if (secrets.length) {
  for (const secret of secrets) secret.dataset.dots = secret.placeholder;
  form.addEventListener("input", tell);
  form.addEventListener("change", tell);
}
