// In the field: the position, what was not sent yet, and sending again when the network is back.

const { age, drafts, settled } = window.gpmbDrafts; // drafts.js runs before this one on every page

const WORDS = {
  1: "Điện thoại chưa cho trang này biết vị trí. Mở quyền vị trí của trình duyệt, hoặc gõ số thửa bên dưới.",
  2: "Chưa bắt được vị trí. Ra chỗ thoáng rồi thử lại, hoặc gõ số thửa bên dưới.",
  3: "Tìm vị trí quá lâu. Thử lại, hoặc gõ số thửa bên dưới.",
};
const place = document.getElementById("field-place");
const locate = document.getElementById("field-locate");

function say(text) {
  place.textContent = text;
  place.hidden = !text;
}

locate?.addEventListener("click", () => {
  if (!navigator.geolocation || !window.isSecureContext) {
    say("Trình duyệt chỉ cho biết vị trí khi mở trang bằng https. Hãy gõ số thửa bên dưới.");
    return;
  }
  locate.disabled = true;
  say("Đang tìm vị trí…");
  navigator.geolocation.getCurrentPosition(
    async ({ coords }) => {
      const values = { lat: coords.latitude, lon: coords.longitude, accuracy: coords.accuracy };
      await window.htmx.ajax("POST", locate.dataset.near, { target: "#field-near", swap: "innerHTML", values });
      say("");
      locate.disabled = false;
    },
    (error) => {
      say(WORDS[error.code] ?? WORDS[2]);
      locate.disabled = false;
    },
    { enableHighAccuracy: true, timeout: 20_000, maximumAge: 10_000 },
  );
});

// What this person wrote on this phone and has not sent.
const waiting = document.getElementById("field-waiting");
if (waiting) {
  const list = waiting.querySelector("ul");
  await settled;
  for (const { draft } of drafts()) {
    const link = document.createElement("a");
    link.href = draft.page;
    link.textContent = draft.title;
    const row = document.createElement("li");
    row.className = "py-1";
    row.append(link, ` (${age(draft.at)})`);
    list.append(row);
  }
  waiting.hidden = !list.children.length;
}

/** Say in the form that it was not sent, with a button to send it again. */
function unsent(form) {
  form.dataset.unsent = "1";
  let box = form.querySelector(".unsent");
  if (!box) {
    box = document.createElement("div");
    box.className = "unsent notice is-warning mt-2";
    box.setAttribute("role", "status");
    form.append(box);
  }
  const again = document.createElement("button");
  again.type = "submit";
  again.className = "btn btn-plain btn-sm mt-1";
  again.textContent = "Gửi lại";
  const text = document.createElement("div");
  text.textContent = "Chưa gửi được vì mất mạng. Nội dung đã giữ trên máy; có mạng sẽ tự gửi lại, không ghi hai lần.";
  box.replaceChildren(text, again);
}

document.addEventListener("htmx:sendError", (event) => {
  const form = event.detail.elt;
  if (form.matches?.("form[data-resend]")) unsent(form);
});

// Sent without network and the page was closed: opened again, it goes by itself.
function sendKept(form) {
  if (!form.matches("form[data-resend][data-draft-unsent]")) return;
  delete form.dataset.draftUnsent;
  window.htmx.process(form);
  form.requestSubmit();
}
document.addEventListener("draft-unsent", (event) => sendKept(event.target));
for (const form of document.forms) sendKept(form);

window.addEventListener("online", () => {
  for (const form of document.querySelectorAll("form[data-unsent]")) {
    delete form.dataset.unsent;
    form.requestSubmit();
  }
});
