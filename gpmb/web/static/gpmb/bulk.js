// Ticks in a table of cases, kept over its pages; forms that are sent once.

const LIST = `ticked:${location.pathname}`;

function stored() {
  return new Set(JSON.parse(sessionStorage.getItem(LIST) ?? "[]"));
}

const form = document.querySelector("form[data-bulk]");
const boxes = [...document.querySelectorAll("input[data-tick]")];
const whole = document.querySelector("[data-tick-all]");
const number = new Intl.NumberFormat("vi-VN");

function show(ticked) {
  const here = boxes.filter((box) => ticked.has(box.value)).length;
  const away = ticked.size - here;
  const said = form.querySelector("[data-bulk-said]");
  said.textContent = ticked.size
    ? `Đã đánh dấu ${number.format(ticked.size)} hồ sơ${away ? `, trong đó ${number.format(away)} ở trang khác` : ""}.`
    : "Đánh dấu hồ sơ ở cột đầu để cập nhật nhiều hồ sơ một lần.";
  form.querySelector("[data-bulk-ticked]").disabled = !ticked.size;
  form.querySelector("[data-bulk-clear]").hidden = !ticked.size;
  for (const box of boxes) {
    box.checked = ticked.has(box.value);
    box.closest("tr").classList.toggle("is-ticked", box.checked);
  }
  if (whole) {
    whole.checked = boxes.length > 0 && here === boxes.length;
    whole.indeterminate = here > 0 && here < boxes.length;
  }
}

function keep(ticked) {
  sessionStorage.setItem(LIST, JSON.stringify([...ticked]));
  show(ticked);
}

if (form) {
  let last = null;
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (!boxes.includes(box)) return;
    const ticked = stored();
    // Shift: everything between this tick and the one before it.
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    const span = event.shiftKey && from >= 0 ? boxes.slice(from, to + 1) : [box];
    for (const each of span) ticked[box.checked ? "add" : "delete"](each.value);
    last = box;
    keep(ticked);
  });
  whole?.addEventListener("change", () => {
    const ticked = stored();
    for (const box of boxes) ticked[whole.checked ? "add" : "delete"](box.value);
    keep(ticked);
  });
  form.querySelector("[data-bulk-clear]").addEventListener("click", () => keep(new Set()));
  form.addEventListener("submit", (event) => {
    if (event.submitter?.value !== "ticked") return;
    form.querySelectorAll("[data-added]").forEach((input) => input.remove());
    for (const ref of stored()) {
      if (boxes.some((box) => box.value === ref)) continue; // the page's own ticks go with the form
      const input = Object.assign(document.createElement("input"), { type: "hidden", name: "case", value: ref });
      input.dataset.added = "";
      form.append(input);
    }
  });
  window.addEventListener("pageshow", () => show(stored()));
}

// Written: what was ticked for it is done with.
if (document.querySelector("[data-run-written]")) {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith("ticked:")) sessionStorage.removeItem(key);
}

const sending = document.querySelectorAll("form[data-once] button[type=submit]");
for (const button of sending) {
  button.form.addEventListener("submit", () => {
    button.disabled = true;
  });
}
// Back from a page that never came: it can be sent again.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const button of sending) button.disabled = false;
});
