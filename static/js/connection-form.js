// Port and security propose each other: 587 and STARTTLS, 465 and TLS. What a person chose against it stays.
const USUAL = { 587: "starttls", 2525: "starttls", 2587: "starttls", 465: "tls", 2465: "tls", 25: "starttls", 1025: "none" };
const PORTS = { starttls: "587", tls: "465" };

const port = document.querySelector("[data-connection-port]");
const security = document.querySelector("[data-connection-security]");
const warning = document.querySelector("[data-connection-clear]");

const warn = () => { if (warning) warning.hidden = security.value !== "none"; };

if (port && security) {
  port.addEventListener("change", () => {
    const proposed = USUAL[port.value.trim()];
    if (proposed) security.value = proposed;
    warn();
  });
  security.addEventListener("change", () => {
    const now = port.value.trim();
    if (PORTS[security.value] && (now === "" || now in USUAL)) port.value = PORTS[security.value];
    warn();
  });
}
