// The import pages: a button acts once, an undo asks first, a block copied from Excel pastes on.

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.confirm && !window.confirm(form.dataset.confirm)) {
      event.preventDefault();
      return;
    }
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
}
// Back from another page, the button works again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Another table chosen: what it holds, and its empty workbook.
for (const table of document.querySelectorAll("select[name=kind]")) {
  const hint = table.form.querySelector("p [data-hint]");
  const sample = table.form.querySelector("p [data-sample]");
  if (!hint || !sample) continue;
  const say = () => {
    const said = table.selectedOptions[0].dataset;
    hint.textContent = said.hint;
    sample.href = said.sample;
    sample.hidden = !said.sample;
  };
  table.addEventListener("change", say);
  window.addEventListener("pageshow", say); // a browser going back keeps the choice
}

// On a page with a table that takes a block, Ctrl+V outside a field opens the form with it.
const host = document.querySelector("[data-paste]");
if (host) {
  document.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (!/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    const form = host.querySelector("form");
    form.elements.block.value = text;
    host.open = true;
    form.elements.block.focus();
  });
}
