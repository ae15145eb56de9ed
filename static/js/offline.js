// Says so when the line is gone. What was typed stays on the page; pages that save by themselves try again on "online".
const bar = document.getElementById("offline");
const show = (gone) => { if (bar) bar.hidden = !gone; };
show(!navigator.onLine);
const { worker } = document.documentElement.dataset;
if (worker && document.querySelector("#sidebar")) navigator.serviceWorker?.register(worker).catch(() => { /* a private window */ });
addEventListener("offline", () => show(true));
addEventListener("online", () => {
  show(false);
  if (document.querySelector("[data-line-gone]")) location.reload();
});
document.addEventListener("htmx:sendError", () => show(true));
document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.xhr?.status) show(false); });
