// The composer: buttons that write Markdown, meters, the preview that follows each save, and two versions when windows collide.
import { pressAfterSaving } from "./saving.js";

const form = document.getElementById("letter-form");
pressAfterSaving(form);
const body = document.getElementById("markdown");
let field = body;

for (const bar of document.querySelectorAll("[data-tools]")) bar.hidden = false;
form.addEventListener("focusin", (event) => {
  if (event.target.matches("#subject, #preview_text, #markdown")) field = event.target;
});

// ---- writing ------------------------------------------------------------------------------
// Typed through the browser, so that Ctrl+Z takes it back.
function put(target, text, start, end, selectFrom, selectTo) {
  target.focus();
  target.setSelectionRange(start, end);
  if (!document.execCommand("insertText", false, text)) {
    target.setRangeText(text, start, end, "end");
    target.dispatchEvent(new Event("input", { bubbles: true }));
  }
  target.setSelectionRange(start + selectFrom, start + selectTo);
}

function wrap(mark, sample) {
  const { selectionStart: start, selectionEnd: end, value } = body;
  const inside = value.slice(start, end) || sample;
  const around = value.slice(start - mark.length, start) === mark && value.slice(end, end + mark.length) === mark;
  if (around) put(body, inside, start - mark.length, end + mark.length, 0, inside.length);
  else put(body, mark + inside + mark, start, end, mark.length, mark.length + inside.length);
}

function lines(prefix, sample) {
  const { selectionStart, selectionEnd, value } = body;
  const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
  const stop = value.indexOf("\n", selectionEnd);
  const end = stop < 0 ? value.length : stop;
  const before = (value.slice(start, end) || sample).split("\n");
  const all = before.every((line, n) => line.startsWith(prefix(n)));
  const text = before.map((line, n) => (all ? line.slice(prefix(n).length) : prefix(n) + line)).join("\n");
  put(body, text, start, end, 0, text.length);
}

function block(text, from, to) {
  const { selectionEnd: at, value } = body;
  const head = value.slice(0, at);
  const gap = !head.trim() ? "" : head.endsWith("\n\n") ? "" : head.endsWith("\n") ? "\n" : "\n\n";
  put(body, `${gap}${text}\n\n`, at, at, gap.length + from, gap.length + to);
}

function link(title) {
  const { selectionStart: start, selectionEnd: end, value } = body;
  const words = value.slice(start, end) || "the words to press";
  put(body, `[${words}](https://${title})`, start, end, words.length + 3, words.length + 11);
}

const tools = {
  bold: () => wrap("**", "bold words"),
  italic: () => wrap("*", "words in italics"),
  heading: () => lines(() => "## ", "A heading"),
  list: () => lines(() => "- ", "One thing"),
  numbers: () => lines((n) => `${n + 1}. `, "First"),
  quote: () => lines(() => "> ", "What somebody said"),
  rule: () => block("---", 3, 3),
  link: () => link(""),
  image: () => block("![What is to be seen](https://)", 2, 20),
  button: () => block('[Read more](https:// "button")', 12, 20),
  name: () => insert('[Subscriber_Name, fallback="friend"]'),
};

function insert(text) {
  put(field, text, field.selectionStart, field.selectionEnd, text.length, text.length);
}

document.addEventListener("click", (event) => {
  const tool = event.target.closest?.("[data-md]");
  if (tool) tools[tool.dataset.md]?.();
});
// A press on a tool must not take the selection away first.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest?.("[data-md]")) event.preventDefault();
});
body.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  const tool = { b: "bold", i: "italic", k: body.selectionStart !== body.selectionEnd ? "link" : null }[event.key.toLowerCase()];
  if (!tool) return;
  event.preventDefault();
  event.stopPropagation();
  tools[tool]();
});

document.getElementById("merge-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const data = new FormData(event.target);
  const fallback = String(data.get("fallback")).replace(/["\[\]“”„]/g, "").trim();
  document.getElementById("merge").open = false;
  insert(`[${data.get("merge_tag")}, fallback="${fallback}"]`);
});

// ---- subject and preview text: one line each, with a meter -----------------------------------
function measure(input) {
  const meter = document.querySelector(`[data-meter="${input.name}"]`);
  const length = [...input.value].length;
  meter.textContent = `${length} of ${meter.dataset.limit}`;
  meter.classList.toggle("warn-ink", length > Number(meter.dataset.limit));
}
for (const input of form.querySelectorAll("[data-one-line]")) {
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    (input.name === "subject" ? document.getElementById("preview_text") : body).focus();
  });
  input.addEventListener("input", () => {
    if (/[\r\n]/.test(input.value)) input.value = input.value.replace(/\s*[\r\n]+\s*/g, " ");
    measure(input);
  });
}

// What was typed before this script was there counts at once, not with the next key. After a reload or a way back it is the
// browser that filled the fields in again, maybe with older words than the server's.
document.addEventListener("DOMContentLoaded", () => {
  if (performance.getEntriesByType("navigation")[0]?.type !== "navigate") return;
  for (const typed of form.querySelectorAll("#subject, #preview_text, #markdown")) {
    if (typed.value !== typed.defaultValue) typed.dispatchEvent(new Event("input", { bubbles: true }));
  }
});

// ---- the preview ------------------------------------------------------------------------------
// The frame runs no script of its own. From outside it gets its height, and its links are kept still. A new version is loaded
// beside the old one and takes its place when it is there, so that nothing jumps while somebody writes.
let frame = document.getElementById("preview");
let reader = new URL(frame.src).searchParams.get("reader") || "";

function fit(one) {
  const inside = one.contentDocument;
  if (inside?.body) one.height = Math.max(240, inside.body.scrollHeight);
}
function settle(one) {
  const inside = one.contentDocument;
  if (!inside?.body) return;
  inside.addEventListener("click", (event) => { if (event.target.closest("a")) event.preventDefault(); });
  fit(one);
  for (const picture of inside.images) picture.addEventListener("load", () => fit(one));
}
frame.addEventListener("load", () => settle(frame));
if (frame.contentDocument?.readyState === "complete") settle(frame);

function refresh() {
  const address = new URL(frame.dataset.src, location.href);
  if (reader) address.searchParams.set("reader", reader);
  document.querySelectorAll(".frame-next").forEach((older) => older.remove());
  const next = frame.cloneNode();
  next.removeAttribute("id");
  next.classList.add("frame-next");
  next.src = address;
  next.addEventListener("load", () => {
    if (!next.isConnected || next === frame) return;
    settle(next);
    next.classList.remove("frame-next");
    frame.remove();
    frame = next;
    frame.id = "preview";
  });
  frame.after(next);
}
document.addEventListener("mailrith:saved", refresh);
for (const radio of document.querySelectorAll("[name=width], [name=show]")) {
  radio.addEventListener("change", () => requestAnimationFrame(() => fit(frame)));
}
addEventListener("resize", () => fit(frame));

document.addEventListener("click", (event) => {
  const chosen = event.target.closest?.("[data-reader]");
  if (!chosen) return;
  event.preventDefault();
  reader = chosen.dataset.reader;
  document.querySelector("[data-reader-now]").textContent = chosen.dataset.readerName;
  chosen.closest("details.menu").open = false;
  refresh();
});

// ---- saving -----------------------------------------------------------------------------------
// Two windows, one letter: the answer shows both and takes the place kept for it.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (xhr.status !== 409 || requestConfig?.elt !== form) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
  event.detail.target = document.getElementById("conflict");
  event.detail.swapOverride = "outerHTML";
  document.getElementById("saved").textContent = "Not saved";
});
document.addEventListener("htmx:responseError", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (requestConfig?.elt !== form || xhr.status === 409) return;
  const out = [400, 401].includes(xhr.status);
  document.getElementById("saved").textContent = out
    ? "Not saved: you were signed out. Press Continue, sign in, and it is saved."
    : "Not saved. Your words are safe on this page; press Continue to try again.";
});
document.addEventListener("htmx:sendError", () => {
  document.getElementById("saved").textContent = "Not saved: the line is down";
});
addEventListener("online", () => form.dispatchEvent(new Event("mailrith:changed")));
