// What if: a click on a pending piece of the drawing chooses it, as its box in the list does.

const form = document.getElementById("what-if");

form?.addEventListener("click", (event) => {
  const piece = event.target.closest("path[data-taking]");
  if (!piece) return;
  const ref = piece.dataset.taking;
  const input = form.querySelector(`input[name="chon"][value="${CSS.escape(ref)}"]`);
  if (input?.type === "checkbox") {
    input.checked = !input.checked;
  } else if (input) {
    input.remove();
  } else {
    const hidden = Object.assign(document.createElement("input"), { type: "hidden", name: "chon", value: ref });
    document.getElementById("board").append(hidden);
  }
  form.requestSubmit();
});

// Another day, or lanes, change the whole page, not only the board.
for (const control of form?.querySelectorAll("[data-reload]") ?? []) {
  control.addEventListener("change", (event) => {
    event.stopPropagation();
    window.location.assign(`${form.getAttribute("action")}?${new URLSearchParams(new FormData(form))}`);
  });
}
