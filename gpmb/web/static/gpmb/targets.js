// Targets as a sheet: a block copied from Excel fills cells rightwards and down, and can be undone;
// the arrows up and down go to the other rows. The server reads and judges what is typed.

const grid = document.querySelector("[data-grid]");
const notice = document.querySelector("[data-pasted]");
const rows = [...grid.querySelectorAll("tbody tr:not(.wrong)")].map((row) => [
  ...row.querySelectorAll("input"),
]);
let undo = [];

function placeOf(input) {
  const row = rows.findIndex((cells) => cells.includes(input));
  return [row, rows[row]?.indexOf(input) ?? -1];
}

function write(input, value) {
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

grid.addEventListener("keydown", (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!step || !event.target.matches("input")) return;
  const [row, column] = placeOf(event.target);
  const next = rows[row + step]?.[column];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.select();
});

grid.addEventListener("paste", (event) => {
  const text = (event.clipboardData?.getData("text/plain") ?? "").replace(/\r/g, "");
  if (!event.target.matches("input") || !/[\t\n]/.test(text.trim())) return;
  event.preventDefault();
  const block = text.replace(/\n$/, "").split("\n").map((line) => line.split("\t"));
  const [top, left] = placeOf(event.target);
  undo = [];
  let outside = 0;
  block.forEach((line, down) =>
    line.forEach((value, right) => {
      const input = rows[top + down]?.[left + right];
      if (!input) {
        outside += value.trim() ? 1 : 0;
        return;
      }
      undo.push([input, input.value]);
      write(input, value.trim());
      input.classList.add("is-pasted");
    }),
  );
  const beyond = outside ? `; ${outside} ô nằm ngoài bảng không dùng` : "";
  notice.querySelector("span").textContent = `Đã dán ${undo.length} ô${beyond}. Chưa ghi: xem lại rồi bấm “Ghi chỉ tiêu”.`;
  notice.hidden = false;
});

notice.querySelector("button").addEventListener("click", () => {
  for (const [input, value] of undo) {
    write(input, value);
    input.classList.remove("is-pasted");
  }
  undo = [];
  notice.hidden = true;
  grid.querySelector("input").focus();
});
