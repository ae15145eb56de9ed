// A form that saves itself and has a button too. The button's press must carry the version that the last save made, so it waits
// for a save on its way; and once the press is under way, no save may overtake it. Otherwise one window collides with itself.
export function pressAfterSaving(form) {
  let saves = 0;
  let press = null;
  let leaving = false;

  const mine = (event) => event.detail.elt === form;

  form.addEventListener("htmx:beforeRequest", (event) => {
    if (!mine(event)) return;
    if (leaving) event.preventDefault();
    else saves += 1;
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (!mine(event) || saves === 0) return;
    saves -= 1;
    const { status } = event.detail.xhr;
    // A real collision is on the screen by now, and without a line there is nowhere to go.
    if (saves === 0 && press && status !== 0 && status !== 409) {
      const { button } = press;
      setTimeout(() => form.requestSubmit(button));
    }
    if (saves === 0) press = null;
  });
  form.addEventListener("submit", (event) => {
    if (saves > 0) {
      event.preventDefault();
      press = { button: event.submitter };
    } else {
      leaving = true;
    }
  });
  // Somebody who comes back by the browser's button goes on writing.
  addEventListener("pageshow", () => { leaving = false; });
}
