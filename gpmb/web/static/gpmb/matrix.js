// The matrix by keyboard: one cell of it is in the tab order, arrows move, Enter records a step.

const { htmx } = window;
const table = document.querySelector(".mx-table");
const said = document.getElementById("mx-said");
const dialog = document.getElementById("matrix-dialog");
const PAGE = 10;
let current = null;
const last = {}; // by step: the next cell of a column usually has the same day and paper

function cellAt(row, column) {
  const rows = table.tBodies[0].rows;
  const line = rows[Math.max(0, Math.min(row, rows.length - 1))];
  return line.cells[Math.max(0, Math.min(column, line.cells.length - 1))];
}

function stepOf(cell) {
  return table.tHead.rows[0].cells[cell.cellIndex].dataset.step;
}

/** Say in words what a cell shows by colour. */
function describe(cell) {
  const line = cell.parentElement;
  const head = table.tHead.rows[0].cells[cell.cellIndex];
  const step = head.dataset.step ? head.querySelector(".mx-done").previousSibling.textContent.trim() : "";
  said.textContent = [line.cells[0].textContent.trim(), step, cell.title].filter(Boolean).join(" · ");
}

function go(cell, { focus = true } = {}) {
  if (current) current.tabIndex = -1;
  current = cell;
  cell.tabIndex = 0;
  describe(cell);
  if (focus) cell.focus({ preventScroll: true });
  if (focus) cell.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function moved(event) {
  const row = current.parentElement.sectionRowIndex;
  const column = current.cellIndex;
  const ends = event.ctrlKey || event.metaKey;
  switch (event.key) {
    case "ArrowRight": return cellAt(row, column + 1);
    case "ArrowLeft": return cellAt(row, column - 1);
    case "ArrowDown": return cellAt(row + 1, column);
    case "ArrowUp": return cellAt(row - 1, column);
    case "PageDown": return cellAt(row + PAGE, column);
    case "PageUp": return cellAt(row - PAGE, column);
    case "Home": return cellAt(ends ? 0 : row, 0);
    case "End": return cellAt(ends ? Infinity : row, Infinity);
    default: return null;
  }
}

/** The address of a cell's form: the page knows its shape, the cell knows case and step. */
function formOf(cell) {
  const address = table.dataset.advance.split("/");
  const at = address.lastIndexOf(table.dataset.own);
  address[at] = cell.parentElement.dataset.case;
  return `${address.join("/").replace("STEP", stepOf(cell))}?${new URLSearchParams(last[stepOf(cell)] ?? {})}`;
}

async function open(cell) {
  const link = cell.querySelector("a");
  if (link) return link.click();
  if (!table.dataset.advance || !("free" in cell.dataset)) return describe(cell);
  await htmx.ajax("GET", formOf(cell), { target: "#matrix-form", swap: "innerHTML" });
  if (!dialog.querySelector("form")) return undefined;
  dialog.showModal();
  dialog.querySelector("[name=on]").select();
  return undefined;
}

if (table) {
  go(cellAt(0, 0), { focus: false });
  said.textContent = "";
  table.addEventListener("keydown", (event) => {
    const cell = event.target.closest("tbody th, tbody td");
    if (!cell) return;
    if (cell !== current) go(cell);
    if (event.key === "Enter") {
      if (event.target.tagName === "A") return;
      event.preventDefault();
      open(cell);
      return;
    }
    const next = moved(event);
    if (!next) return;
    event.preventDefault();
    go(next);
  });
  table.addEventListener("click", (event) => {
    const cell = event.target.closest("tbody th, tbody td");
    if (!cell || event.target.closest("a")) return;
    go(cell);
    open(cell);
  });
  table.addEventListener("focusin", (event) => {
    const cell = event.target.closest("tbody th, tbody td");
    if (cell && cell !== current) go(cell, { focus: false });
  });
  for (const choice of document.querySelectorAll("[data-colour]")) {
    choice.addEventListener("click", (event) => {
      event.preventDefault();
      const { colour } = choice.dataset;
      table.classList.remove("by-han", "by-ngay");
      table.classList.add(`by-${colour}`);
      for (const each of document.querySelectorAll("[data-colour]")) {
        each.classList.toggle("btn-primary", each === choice);
        each.classList.toggle("btn-plain", each !== choice);
        each.toggleAttribute("aria-current", each === choice);
      }
      const address = new URL(location.href);
      address.searchParams.set("mau", colour);
      history.replaceState(null, "", address);
      const away = document.querySelector("[data-export]");
      const taken = new URL(away.href);
      taken.searchParams.set("mau", colour);
      away.href = taken;
    });
  }
}

dialog?.addEventListener("click", (event) => {
  if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
});
dialog?.addEventListener("close", () => current?.focus());
dialog?.addEventListener("submit", (event) => {
  const { on, number } = event.target.elements;
  last[stepOf(current)] = { on: on.value, number: number.value };
});

// The row was replaced: stay in its column, one household further down.
document.addEventListener("matrix-recorded", (event) => {
  const at = { row: current.parentElement.dataset.case, column: current.cellIndex };
  document.dispatchEvent(new CustomEvent("toast", { detail: { text: event.detail.text, level: "good" } }));
  document.addEventListener(
    "htmx:afterSettle",
    () => {
      const line = document.querySelector(`tr[data-case="${at.row}"]`);
      current = line.cells[at.column];
      for (const [index, head] of [...table.tHead.rows[0].cells].entries()) {
        const count = head.querySelector("[data-done]");
        if (!count) continue;
        const done = [...table.tBodies[0].rows].filter(({ cells }) => /is-(done|late|opening|vouched)/.test(cells[index].className));
        count.textContent = new Intl.NumberFormat("vi-VN").format(done.length);
      }
      dialog.close();
      go(cellAt(line.sectionRowIndex + 1, at.column));
    },
    { once: true },
  );
});
