// A live part is drawn again every two seconds. What the reader has opened stays open, and a dialog is not disturbed.
const keep = () => {
  if (!window.Idiomorph) return;
  const callbacks = window.Idiomorph.defaults.callbacks;
  callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.matches("details, dialog"));
};
if (document.readyState === "complete") keep();
else addEventListener("load", keep);
