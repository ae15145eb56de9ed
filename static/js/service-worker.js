// Shows a page of ours when the line is gone, instead of the browser's. Keeps that page and its parts, and nothing else.
const KEPT = "offline-1";
const PAGE = "/offline";

async function keep() {
  const cache = await caches.open(KEPT);
  const answer = await fetch(PAGE, { credentials: "omit", cache: "no-store" });
  if (!answer.ok) throw new Error(`${PAGE} answered ${answer.status}`);
  const parts = [...(await answer.clone().text()).matchAll(/(?:href|src)="([^"#]*\/static\/[^"#]+)/g)].map((match) => match[1]);
  await cache.put(PAGE, answer);
  await cache.addAll([...new Set(parts)]);
}

addEventListener("install", (event) => { event.waitUntil(keep()); });
addEventListener("activate", (event) => {
  const old = async () => { for (const name of await caches.keys()) if (name !== KEPT) await caches.delete(name); };
  event.waitUntil(old());
});
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate" && request.method === "GET") {
    event.respondWith(fetch(request).catch(() => caches.match(PAGE)));
  } else if (!navigator.onLine && new URL(request.url).pathname.startsWith("/static/")) {
    event.respondWith(caches.match(request).then((kept) => kept || fetch(request)));
  }
});
