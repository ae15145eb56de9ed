// Counts down to the first message. The server decides; this only shows it, says it at 30 and 10 seconds, and makes room again.
const dock = document.getElementById("undo");

function start() {
  const total = Number(dock.dataset.undoOf) || 30;
  const end = performance.now() + Number(dock.dataset.undo) * 1000;
  const find = (name) => dock.querySelector(`[data-undo-${name}]`);
  const said = new Set();
  const say = (left) => {
    for (const mark of [30, 10]) {
      if (left <= mark && left > mark - 3 && !said.has(mark)) {
        said.add(mark);
        find("say").textContent = `Sending starts in ${left} seconds. Press Undo to stop it.`;
      }
    }
  };
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    find("number").textContent = left;
    find("words").textContent = left === 1 ? "1 second" : `${left} seconds`;
    find("ring").setAttribute("stroke-dashoffset", String(100 - (100 * left) / total));
    say(left);
    if (left > 0) return;
    clearInterval(timer);
    const top = Math.max(...[...document.querySelectorAll(".shell, .main")].map((frame) => frame.scrollTop), 0);
    dock.remove();
    scrollTo(0, top);
    if (document.querySelector("[data-undo-reload]")) location.reload();
  };
  const timer = setInterval(tick, 250);
  tick();
  find("button").focus({ preventScroll: true });
}

if (dock) start();
