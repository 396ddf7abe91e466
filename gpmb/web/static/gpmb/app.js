// What every page needs: Ctrl+K, the htmx request token, messages, an expired session.

const { bootstrap } = window;

function cookie(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

/** Show a message at the lower edge; level is good, warning or danger. */
export function toast(text, level = "good") {
  const template = document.getElementById("toast");
  const shell = template.content.firstElementChild.cloneNode(true);
  shell.classList.add(`is-${level}`);
  shell.querySelector(".toast-body").textContent = text;
  document.getElementById("toasts").append(shell);
  shell.addEventListener("hidden.bs.toast", () => shell.remove());
  bootstrap.Toast.getOrCreateInstance(shell, { delay: level === "good" ? 5000 : 12000 }).show();
}

document.addEventListener("keydown", (event) => {
  const box = document.getElementById("search-box");
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k" && box) {
    event.preventDefault();
    const menu = box.closest(".collapse");
    if (menu && !menu.classList.contains("show")) {
      bootstrap.Collapse.getOrCreateInstance(menu, { toggle: false }).show();
    }
    box.focus();
    box.select();
  }
  if (event.key === "Escape" && box && box.closest(".search").contains(event.target)) {
    document.getElementById("search-results").replaceChildren();
    box.blur();
  }
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    moveInResults(event, box);
  }
});

function moveInResults(event, box) {
  const list = document.getElementById("search-results");
  if (!box || !list) return;
  // On the page of all results the arrows go on through the page.
  const results = [...list.querySelectorAll("a")];
  const here = results.length ? results : [...document.querySelectorAll("[data-results] a")];
  if (event.target !== box && !here.includes(event.target)) return;
  const stops = [box, ...here];
  const step = event.key === "ArrowDown" ? 1 : -1;
  const next = stops[stops.indexOf(event.target) + step];
  if (next) {
    event.preventDefault();
    next.focus();
  }
}

document.addEventListener("click", (event) => {
  const list = document.getElementById("search-results");
  if (list && !event.target.closest(".search")) list.replaceChildren();
});

// The token is read when it is needed: a page kept open over a new login still saves.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = cookie("csrftoken");
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr } = event.detail;
  if (xhr.responseURL && new URL(xhr.responseURL).pathname === document.body.dataset.login) {
    event.detail.shouldSwap = false;
    toast("Phiên làm việc đã hết. Mở thẻ mới để đăng nhập, rồi quay lại đây lưu tiếp: nội dung đã gõ vẫn còn.", "warning");
  }
});

document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  toast(
    status === 404
      ? "Không tìm thấy, hoặc bạn không phụ trách nội dung này."
      : status === 403
        ? "Trang đã cũ hoặc bạn không có quyền. Tải lại trang rồi thử lại."
        : `Máy chủ báo lỗi (${status}). Nội dung đã gõ vẫn còn; hãy thử lại, nếu vẫn lỗi thì báo quản trị viên.`,
    "danger",
  );
});

document.addEventListener("htmx:sendError", (event) => {
  // A form that is sent again by itself says so beside its button.
  if (event.detail.requestConfig?.elt?.matches?.("[data-resend]")) return;
  toast("Mất kết nối với máy chủ. Nội dung đã gõ vẫn còn; hãy thử lại khi có mạng.", "danger");
});

// HX-Trigger: {"toast": {"text": "…", "level": "good"}}
document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.level));

for (const message of document.querySelectorAll("#messages [data-text]")) {
  toast(message.dataset.text, message.dataset.level);
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.addEventListener("click", () => window.print());
}

// A filter's choice takes effect at once; without JavaScript its button does it.
for (const form of document.querySelectorAll("form[data-autosubmit]")) {
  form.addEventListener("change", () => form.requestSubmit());
}

// The map's conditions change without a new page: a filter is kept as the address stands now.
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-keeps-address]")) event.target.elements.query.value = location.search;
});

// A form that unfolds in a narrow panel or sheet comes into view.
document.addEventListener(
  "toggle",
  (event) => {
    if (event.target.open) event.target.scrollIntoView({ block: "nearest", behavior: "smooth" });
  },
  true,
);

document.addEventListener("htmx:afterSettle", (event) => {
  event.detail.elt.querySelector?.("[role=alert]")?.scrollIntoView({ block: "nearest" });
});

// A tick says "those ticked"; "all" needs no ticks.
document.addEventListener("change", ({ target }) => {
  const { picks, unticks } = target.dataset ?? {};
  if (picks && target.checked) document.getElementById(picks).checked = true;
  if (unticks) for (const box of target.form.querySelectorAll(`[name="${unticks}"]`)) box.checked = false;
});

// "Chọn tất cả": every box of one name in the form.
document.addEventListener("click", (event) => {
  const name = event.target.dataset?.checkAll;
  if (!name) return;
  const boxes = [...event.target.form.querySelectorAll(`[type="checkbox"][name="${name}"]`)];
  const every = boxes.every((box) => box.checked);
  for (const box of boxes) box.checked = !every;
});
