// A button that may be pressed again after a while counts down to it. Without this script the server says so.
document.querySelectorAll("button[data-wait]").forEach((button) => {
  const label = button.textContent;
  let left = Number(button.dataset.wait);
  const tick = () => {
    button.disabled = left > 0;
    button.textContent = left > 0 ? `${label} in ${left} second${left === 1 ? "" : "s"}` : label;
    if (left-- > 0) setTimeout(tick, 1000);
  };
  tick();
});
