// What is typed in a form marked data-draft stays in this browser until it is saved.
//
//   <form data-draft="case:KEY"             the draft's name, one for each thing that is edited
//         data-draft-page="/ho-so/KEY/"     the page that draws the form (default: this page)
//         data-draft-bound>                 the server drew the form with what was typed
//
// Kept under the user's name, offered back with its age, cleared after the save and at logout.
// The draft's key goes along with the form: the server saves the same key once.
// Files (a photo taken without network) wait beside it, in IndexedDB.

const ROOT = "gpmb:draft:";
const MOST_DAYS = 7; // of anybody on this computer
const NEVER = new Set(["csrfmiddlewaretoken", "draft_key", "draft_page"]);
const user = document.body.dataset.user || "";
const saved = document.body.dataset.draftSaved; // address that says whether a key was saved
const timers = new WeakMap();
let loggedOut = false;

const storeName = (form) => `${ROOT}${user}:${form.dataset.draft}`;

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

function write(name, draft) {
  try {
    localStorage.setItem(name, JSON.stringify(draft));
  } catch {
    // The browser's store is full or closed: the form still works, without a net.
  }
}

const SHELF = "gpmb-drafts";
const MOST_BYTES = 40_000_000; // of one form's files

/** Do one thing with the kept files; undefined where the browser keeps none. */
function shelf(mode, act) {
  return new Promise((resolve) => {
    const opening = window.indexedDB?.open(SHELF, 1);
    if (!opening) return resolve(undefined);
    opening.onupgradeneeded = () => opening.result.createObjectStore("files");
    opening.onerror = () => resolve(undefined);
    opening.onsuccess = () => {
      const work = opening.result.transaction("files", mode);
      const asked = act(work.objectStore("files"));
      work.oncomplete = () => resolve(asked.result);
      work.onabort = () => resolve(undefined);
      work.addEventListener("complete", () => opening.result.close());
    };
    return undefined;
  });
}

const fileFields = (form) => [...form.elements].filter((field) => field.type === "file" && field.name);

/** Keep the files a form holds; says how many. */
async function keepFiles(form) {
  const held = fileFields(form).flatMap((field) => [...field.files].map((file) => [field.name, file]));
  const bytes = held.reduce((sum, [, file]) => sum + file.size, 0);
  if (held.length && bytes <= MOST_BYTES) await shelf("readwrite", (files) => files.put(held, storeName(form)));
  else await dropFiles(storeName(form));
}

const dropFiles = (name) => shelf("readwrite", (files) => files.delete(name));

/** Put kept files back into their fields. */
async function fillFiles(form) {
  const held = (await shelf("readonly", (files) => files.get(storeName(form)))) ?? [];
  for (const field of fileFields(form)) {
    const back = new DataTransfer();
    for (const [name, file] of held) if (name === field.name) back.items.add(file);
    if (back.files.length) field.files = back.files;
  }
}

/** The names of all drafts in this browser; of this user alone with `own`. */
function names(own = true) {
  const start = own ? `${ROOT}${user}:` : ROOT;
  return Object.keys(localStorage).filter((name) => name.startsWith(start));
}

/** This user's drafts, the newest first: {name, draft}. */
function drafts() {
  return names()
    .map((name) => ({ name, draft: read(name) }))
    .filter(({ draft }) => draft)
    .sort((a, b) => b.draft.at - a.draft.at);
}

function values(form) {
  const found = {};
  for (const field of form.elements) {
    if (!field.name || NEVER.has(field.name) || ["password", "file", "submit", "button"].includes(field.type)) continue;
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) (found[field.name] ||= []).push(field.value);
    } else {
      (found[field.name] ||= []).push(field.value);
    }
  }
  return found;
}

function fill(form, kept) {
  for (const field of form.elements) {
    if (!field.name || NEVER.has(field.name) || field.type === "file") continue;
    const values = kept[field.name];
    if (field.type === "checkbox" || field.type === "radio") {
      field.checked = Boolean(values?.includes(field.value));
    } else if (values && field.type !== "submit") {
      field.value = values.length > 1 ? values.shift() : values[0];
    }
  }
  form.closest("details")?.setAttribute("open", "");
}

function hidden(form, name, value) {
  let field = form.querySelector(`:scope > input[name="${name}"]`);
  if (!field) {
    field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    form.append(field);
  }
  field.value = value;
}

const newKey = () =>
  crypto.randomUUID?.() ??
  // Plain http inside an office has no randomUUID.
  "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
    (+c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (+c / 4)))).toString(16),
  );

/** Give the form the key its draft is sent under. */
function carry(form, key) {
  form.dataset.key = key;
  hidden(form, "draft_key", key);
  hidden(form, "draft_page", form.dataset.draftPage || location.pathname + location.search);
}

function keep(form, more = {}) {
  if (loggedOut) return;
  const name = storeName(form);
  const old = read(name);
  if (!form.dataset.key) carry(form, newKey());
  write(name, {
    ...old,
    at: Date.now(),
    key: form.dataset.key,
    page: form.dataset.draftPage || location.pathname + location.search,
    title: form.dataset.draftTitle || document.title.split(" · ")[0],
    sent: false,
    files: fileFields(form).reduce((sum, field) => sum + field.files.length, 0),
    values: values(form),
    ...more,
  });
}

function forget(form) {
  clearTimeout(timers.get(form));
  drop(storeName(form));
  form.querySelector(".draft-offer")?.remove();
}

function drop(name) {
  if (read(name)?.files) dropFiles(name);
  localStorage.removeItem(name);
}

/** "5 phút trước": how old a draft is. */
function age(at) {
  const minutes = Math.round((Date.now() - at) / 60_000);
  if (minutes < 1) return "vừa xong";
  if (minutes < 60) return `${minutes} phút trước`;
  const hours = Math.round(minutes / 60);
  return hours < 24 ? `${hours} giờ trước` : `${Math.round(hours / 24)} ngày trước`;
}

const clock = (at) =>
  new Intl.DateTimeFormat("vi-VN", { hour: "2-digit", minute: "2-digit", day: "2-digit", month: "2-digit", hour12: false }).format(at);

function button(text, style, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `btn btn-sm ${style}`;
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

/** Tell of a draft at the top of its form. */
function offer(form, draft, restored) {
  form.querySelector(".draft-offer")?.remove();
  const box = document.createElement("div");
  box.className = "draft-offer notice is-warning mb-2";
  box.setAttribute("role", "status");
  const text = document.createElement("div");
  const when = `${clock(draft.at)}, ${age(draft.at)}`;
  text.textContent = restored
    ? `Đã điền lại nội dung chưa gửi được (${when}). Xem lại rồi gửi.`
    : `Có bản nháp chưa lưu của bạn (${when}).`;
  const row = document.createElement("div");
  row.className = "d-flex gap-1 mt-1";
  if (!restored) {
    row.append(
      button("Khôi phục", "btn-primary", async () => {
        await restore(form, draft);
        box.remove();
      }),
    );
  }
  row.append(
    button("Bỏ bản nháp", "btn-plain", () => {
      forget(form);
      if (restored) {
        form.reset();
        form.dataset.key = "";
      }
    }),
  );
  box.append(text, row);
  form.prepend(box);
  form.closest("details")?.setAttribute("open", "");
}

async function restore(form, draft) {
  fill(form, structuredClone(draft.values));
  carry(form, draft.key);
  if (draft.files) await fillFiles(form);
  form.dispatchEvent(new Event("draft-restored", { bubbles: true }));
}

async function wasSaved(key) {
  try {
    const answer = await fetch(saved.replace("KEY", key), { headers: { Accept: "application/json" } });
    return answer.ok && !answer.redirected && (await answer.json()).saved;
  } catch {
    return false;
  }
}

/** Tell of the draft of a form; `drawn`: with its page, not by a part of it. */
async function begin(form, drawn = false) {
  if (form.dataset.draftReady || !user) return;
  form.dataset.draftReady = "1";
  const draft = read(storeName(form));
  if ("draftBound" in form.dataset) {
    // The server shows what was typed: that is the draft now, under the key it had.
    if (draft?.key) carry(form, draft.key);
    keep(form);
  } else if (draft && draft.sent && (await wasSaved(draft.key))) {
    forget(form);
    // It may have been saved after this page was drawn.
    if (drawn && "resend" in form.dataset) location.reload();
  } else if (draft && draft.sent) {
    await restore(form, draft);
    offer(form, draft, true);
    form.dataset.draftUnsent = "";
    form.dispatchEvent(new Event("draft-unsent", { bubbles: true }));
  } else if (draft?.files || (draft && JSON.stringify(draft.values) !== JSON.stringify(values(form)))) {
    offer(form, draft, false);
  }
}

/** Forget what arrived although its page is not the one that came after: it waits for nothing. */
async function settle() {
  const here = new Set([...document.querySelectorAll("form[data-draft]")].map(storeName));
  const sent = user ? drafts().filter(({ name, draft }) => draft.sent && !here.has(name)) : [];
  await Promise.all(sent.map(async ({ name, draft }) => (await wasSaved(draft.key)) && drop(name)));
}

const isKept = (element) => element.form?.dataset?.draft && user;

for (const kind of ["input", "change"]) {
  document.addEventListener(kind, (event) => {
    const { form } = event.target;
    if (!isKept(event.target) || NEVER.has(event.target.name)) return;
    if (event.target.type === "file" && kind === "change") keepFiles(form);
    clearTimeout(timers.get(form));
    timers.set(form, setTimeout(() => {
      form.querySelector(".draft-offer")?.remove();
      // Changed after it was sent: another text, which the first one's key must not swallow.
      if (form.dataset.sent) carry(form, newKey());
      delete form.dataset.sent;
      keep(form);
    }, 250));
  });
}

document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (form.action?.endsWith(document.body.dataset.logout)) {
      const waiting = names();
      const ask = `Còn ${waiting.length} bản nháp chưa gửi trên máy này. Đăng xuất sẽ xóa các bản nháp đó. Vẫn đăng xuất?`;
      if (waiting.length && !window.confirm(ask)) {
        event.preventDefault();
        return;
      }
      loggedOut = true; // what was typed a moment ago must not come back
      for (const name of waiting) drop(name);
    } else if (form.dataset?.draft && user) {
      clearTimeout(timers.get(form));
      keep(form, { sent: true });
      form.dataset.sent = "1";
    }
  },
  true,
);

// htmx forms: the answer says whether it was saved; an answer that never came leaves the draft.
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.requestConfig?.elt; // the event's own element may be gone by now
  if (!form?.dataset?.draft) return;
  if (event.detail.xhr?.getResponseHeader("Draft-Saved")) forget(form);
});

document.addEventListener("htmx:load", (event) => {
  for (const form of event.detail.elt.querySelectorAll?.("form[data-draft]") ?? []) begin(form);
});

function start() {
  const oldest = Date.now() - MOST_DAYS * 86_400_000;
  for (const name of names(false)) {
    if (!((read(name)?.at ?? 0) > oldest)) drop(name);
  }
  for (const form of document.querySelectorAll("form[data-draft]")) begin(form, true);
}

start();
window.gpmbDrafts = { drafts, age, settled: settle() };
