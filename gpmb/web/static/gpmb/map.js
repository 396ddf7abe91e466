// The map page: the form, the address, the map and the panel kept in step.

import { Donuts } from "./map/donuts.js";
import { Measure } from "./map/measure.js";
import { PlainMap } from "./map/plain.js";
import { AreaSelect } from "./map/select.js";
import { BLOCKS, boxOf, decodeRef, encodeRef, forTiles, readForm, remember } from "./map/state.js";
import { VectorMap } from "./map/vector.js";

const { htmx, L } = window;
const map = window.map_gpmb;
const byId = (id) => document.getElementById(id);
const settings = JSON.parse(byId("map-settings").textContent);
const form = byId("map-form");
const slider = byId("map-day");
const stage = document.querySelector(".map-stage");
const start = new URLSearchParams(location.search);
const PAPER = { width: 770, height: 566 }; // px beside the side and above the day, as map.css prints

Object.assign(form.dataset, { defaultGroup: "category", defaultColour: "step", defaultCount: "takings" });

const hasWebgl = document.documentElement.dataset.webgl === "present";
const measure = new Measure(map, settings.plane, (text) => say("map-measure", text));
let taking = null;
// The style came with these tiles; hexagons and plain shapes are asked for by the first drawing.
let shownTiles = hasWebgl && colouring() !== settings.hexagonColouring ? settings.shown : null;

function say(id, text) {
  const place = byId(id);
  place.textContent = text;
  place.hidden = !text;
}

function notice(text) {
  say("map-notice", text);
}

function toast(text, level = "good") {
  document.dispatchEvent(new CustomEvent("toast", { detail: { text, level } }));
}

// ---- The view: from the address, else the whole city -----------------------------------------

const [west, south, east, north] = settings.bounds;
const city = L.latLngBounds([south, west], [north, east]);

function clear() {
  // Room for what lies over the map, so that nothing asked for hides under it.
  const wide = window.matchMedia("(min-width: 992px)").matches;
  const sheet = wide ? 0 : byId("map-panel").offsetHeight;
  return {
    paddingTopLeft: [56, wide ? 24 : 60],
    paddingBottomRight: [wide && taking ? 340 : 24, wide ? 72 : Math.max(120, sheet + 16)],
  };
}

function goTo([w, s, e, n]) {
  map.fitBounds([[s, w], [n, e]], { ...clear(), maxZoom: 18 });
}

const view = (start.get("view") ?? "").split("/").map(Number);
const hasView = view.length === 3 && view.every(Number.isFinite);
if (hasView) map.setView([view[1], view[2]], view[0], { animate: false });
else if (settings.start) {
  // A project alone: its land, not the whole city.
  const [w, s, e, n] = settings.start;
  map.fitBounds([[s, w], [n, e]], { ...clear(), maxZoom: 17, animate: false });
} else map.fitBounds(city, { ...clear(), animate: false });

L.control.scale({ imperial: false, position: "bottomleft", maxWidth: 120 }).addTo(map);

if (hasWebgl) window.vector_tiles_takings.addTo(map);
const drawn = hasWebgl ? new VectorMap(window.vector_tiles_takings, settings) : new PlainMap(map, settings, notice);

// Choosing an area is for those who may change many cases: the page has its bar for them alone.
const chooser = byId("map-chosen") && new AreaSelect(map, drawn, {
  address: settings.area,
  bar: byId("map-chosen"),
  query: () => forTiles(params()).toString(),
  changed: (mode) => {
    if (mode && measure.active) tools.measure();
    for (const button of document.querySelectorAll('[data-tool="box"], [data-tool="lasso"]')) {
      button.setAttribute("aria-pressed", button.dataset.tool === mode);
    }
    document.querySelector('[data-tool="measure"]').setAttribute("aria-pressed", measure.active);
    if (mode) map.getContainer().focus({ preventScroll: true });
  },
});

// For tests and for the browser's console.
window.gpmbMap = { map, drawn, gl: drawn.gl, settings };

// ---- The day of the slider ------------------------------------------------------------------

function dayAt(value) {
  const day = new Date(`${slider.dataset.first}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + Number(value));
  return day.toISOString().slice(0, 10);
}

function written(iso) {
  return iso.split("-").reverse().join("/");
}

function showDay() {
  const text = written(dayAt(slider.value));
  byId("map-day-text").textContent = text;
  slider.setAttribute("aria-valuetext", text);
  slider.style.setProperty("--done", `${(100 * slider.value) / Math.max(1, slider.max)}%`);
}

// ---- Form → address, tiles, legend -----------------------------------------------------------

function params() {
  return readForm(form, dayAt(slider.value), settings.today);
}

function colouring() {
  return form.querySelector('[name="colour"]:checked')?.value ?? "step";
}

function keepAddress() {
  remember(params(), map, taking && encodeRef(taking));
}

/** Draw what the form says; the legend is asked for anew with it. */
function apply({ legend = true } = {}) {
  const tiles = forTiles(params()).toString();
  if (tiles !== shownTiles) {
    shownTiles = tiles;
    drawn.show(tiles, colouring());
  }
  surround();
  keepAddress();
  if (legend) refreshLegend();
}

function refreshLegend() {
  const asked = params();
  if (asked.has("in_view")) asked.set("box", boxOf(map));
  return htmx.ajax("GET", `${form.dataset.legend}?${asked}`, { source: form, target: form, swap: "innerHTML" });
}

form.addEventListener("change", (event) => {
  const { layer } = event.target.dataset;
  if (layer) switchLayer(layer, event.target.checked);
  else if (event.target.name === "colour") {
    // The earlier day stands in the address only where the colours tell what changed since.
    form.elements.since.disabled = event.target.value !== "change";
    apply();
  } else if (event.target.id === "group") {
    for (const box of form.querySelectorAll("[data-group]")) box.checked = true;
    apply();
  } else apply();
});

form.addEventListener("click", (event) => {
  const { drop } = event.target.dataset;
  if (drop) {
    form.elements[drop].value = "";
    apply();
  }
  if ("clear" in event.target.dataset) {
    event.preventDefault();
    for (const name of ["unit", "project", "stage", "officer"]) form.elements[name].value = "";
    apply();
  }
});
form.addEventListener("submit", (event) => event.preventDefault());

const hiddenLayers = new Set();
form.addEventListener("htmx:afterSwap", () => {
  for (const box of form.querySelectorAll("[data-layer]")) box.checked = !hiddenLayers.has(box.dataset.layer);
  showShares();
  const next = byId("map-since-next");
  if (next) byId("map-since").replaceChildren(next.content.cloneNode(true));
});

function switchLayer(code, shown) {
  if (shown) hiddenLayers.delete(code);
  else hiddenLayers.add(code);
  if (code === "names") stage.classList.toggle("is-unnamed", !shown);
  else drawn.switchLayer(settings.layers[code], shown);
}

slider.addEventListener("input", showDay);
slider.addEventListener("change", () => apply());
for (const tick of byId("map-ticks").children) {
  tick.style.left = `${(100 * tick.dataset.at) / Math.max(1, slider.max)}%`;
  tick.addEventListener("click", () => {
    slider.value = tick.dataset.at;
    showDay();
    apply();
  });
}

// ---- The view moves -----------------------------------------------------------------------------

let settle = 0;
map.on("moveend", () => {
  clearTimeout(settle);
  settle = setTimeout(() => {
    keepAddress();
    if (params().has("in_view")) refreshLegend();
  }, 150);
});

// ---- One taking -------------------------------------------------------------------------------

async function openPanel(ref, { focus = false, place = null } = {}) {
  taking = ref;
  drawn.select(ref);
  keepAddress();
  const code = encodeRef(ref);
  await htmx.ajax("GET", settings.panel.replace("REF", code), { target: "#panel", swap: "innerHTML" });
  if (taking !== ref) return;
  byId("map-panel").hidden = false;
  if (place) map.panInside(place, clear());
  if (focus) byId("panel").focus();
}

function closePanel() {
  if (taking === null) return;
  taking = null;
  byId("map-panel").hidden = true;
  byId("panel").replaceChildren();
  drawn.select(null);
  keepAddress();
}

byId("map-panel").addEventListener("click", (event) => {
  if (event.target.closest("[data-close-panel]")) closePanel();
});

function pick(place, options) {
  const found = drawn.at(place);
  if (!found) return closePanel();
  if (found.kind === "taking") return openPanel(found.id, { place, ...options });
  if (found.kind === "piece") map.setView(place, Math.max(settings.parcelZoom, map.getZoom() + 2));
  return undefined;
}

drawn.onSelect = (ref) => openPanel(ref);
map.on("click", (event) => {
  if (!measure.active && !chooser?.busy) pick(event.latlng);
});

document.body.addEventListener("taking-changed", () => {
  drawn.redraw();
  refreshLegend();
});

// ---- Under the pointer ------------------------------------------------------------------------

const hover = byId("map-hover");
const projects = new Map();
const held = new Map(); // projects stuck as a whole → by what

const number = new Intl.NumberFormat("vi-VN", { maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat("vi-VN", { style: "percent", maximumFractionDigits: 0 });

function showLines(lines, { x, y }) {
  hover.replaceChildren(
    ...lines.map((line) => Object.assign(document.createElement("div"), { textContent: line })),
  );
  hover.hidden = false;
  const size = map.getSize();
  hover.style.left = `${Math.min(x + 14, size.x - hover.offsetWidth - 8)}px`;
  hover.style.top = `${Math.min(y + 14, size.y - hover.offsetHeight - 8)}px`;
}

/** A tip with the shares of each class, the largest first. */
function showTip(name, takings, area, shares, point, stuck) {
  const labels = settings.labels[colouring()];
  const told = shares
    .filter(([, share]) => share > 0)
    .sort((a, b) => b[1] - a[1])
    .map(([c, share]) => `${labels[c]} ${percent.format(share)}`);
  const whole = stuck ? [`Cả dự án: ${stuck.toLowerCase()}`] : [];
  showLines([name, `${number.format(takings)} thửa · ${number.format(area / 10000)} ha`, ...whole, ...told], point);
}

map.on("mousemove", (event) => {
  if (measure.active || chooser?.mode || event.originalEvent.target.closest(".map-donut")) return;
  const found = drawn.at(event.latlng);
  map.getContainer().classList.toggle("is-over", Boolean(found));
  hover.hidden = true;
  const stuck = drawn.obstacleAt(event.latlng);
  if (stuck) showLines([stuck], event.containerPoint);
  if (found?.kind === "hexagon") showLines([`${found.properties.n} hộ có đơn trong ô này`], event.containerPoint);
  if (found?.kind !== "piece") return;
  const { p, n, a } = found.properties;
  const shares = settings.labels[colouring()].map((_, c) => [c, (found.properties[`s${c}`] ?? 0) / 100]);
  showTip(projects.get(p) ?? "Dự án", n, a, shares, event.containerPoint, held.get(p));
});
map.on("mouseout movestart", () => {
  hover.hidden = true;
});

// ---- Names of wards and projects ----------------------------------------------------------------

const names = [];
const labels = L.layerGroup().addTo(map);
const SHIFTS = [0, -20, 20, -34, 34];
const FIRST = ["site", "project", "ward"];

const donuts = new Donuts(map, settings, ({ ref }) => {
  const extent = extents.get(ref);
  if (extent) map.fitBounds(extent, { ...clear(), maxZoom: 17 });
});
const extents = new Map();
donuts.onOver = (project, event) => {
  if (project) showTip(project.name, project.takings, project.area, project.shares, event.containerPoint, held.get(project.ref));
  else hover.hidden = true;
};

let surrounded = null; // the day whose surroundings are drawn

/** Wards, projects, sites and obstacles of the day, with their names. */
async function surround() {
  const day = dayAt(slider.value);
  if (day === surrounded) return;
  surrounded = day;
  const answer = await fetch(`${settings.outlines}?${forTiles(params())}`);
  if (!answer.ok || day !== surrounded) return;
  const outlines = await answer.json();
  drawn.surround(outlines);
  labels.clearLayers();
  names.length = 0;
  for (const known of [projects, held, extents]) known.clear();
  const features = outlines.features.filter(({ properties }) => properties.kind !== "obstacle");
  features.sort((a, b) => FIRST.indexOf(a.properties.kind) - FIRST.indexOf(b.properties.kind));
  for (const feature of features) {
    const { kind, name, ref, stuck } = feature.properties;
    const extent = L.geoJSON(feature).getBounds();
    const known = ref && extents.get(ref);
    if (ref) {
      projects.set(ref, name);
      if (stuck) held.set(ref, stuck);
      extents.set(ref, known ? known.extend(extent) : extent);
    }
    if (known) continue;
    const label = Object.assign(document.createElement("span"), { textContent: name });
    const icon = L.divIcon({ className: `map-name is-${kind}${stuck ? " is-stuck" : ""}`, html: label, iconSize: [0, 0] });
    L.marker(extent.getCenter(), { icon, interactive: false, keyboard: false }).addTo(labels);
    names.push(label);
  }
  donuts.held = held;
  donuts.locate(new Map([...extents].map(([ref, extent]) => [ref, extent.getCenter()])));
  sortNames();
}

function showShares() {
  donuts.show(JSON.parse(byId("map-projects").textContent), colouring());
}

/** Show the names that this zoom has room for: none overlaps one before it. */
function sortNames() {
  const zoom = map.getZoom();
  stage.classList.toggle("names-far", zoom < 13.5);
  stage.classList.toggle("names-near", zoom >= 14);
  const rings = document.querySelectorAll(".map-donut");
  const taken = [...rings].map((ring) => ring.getBoundingClientRect()).filter(({ width }) => width);
  for (const label of names) {
    label.hidden = false;
    const { left, right, top, bottom, width } = label.getBoundingClientRect();
    const from = Number(label.dataset.shift ?? 0);
    const free = SHIFTS.find(
      (shift) =>
        !taken.some(
          (box) => left < box.right && right > box.left && top + shift - from < box.bottom && bottom + shift - from > box.top,
        ),
    );
    label.hidden = !width || free === undefined;
    if (label.hidden) continue;
    label.dataset.shift = free;
    label.style.setProperty("--shift", `${free}px`);
    taken.push({ left, right, top: top + free - from, bottom: bottom + free - from });
  }
}
map.on("zoomend", sortNames);

// ---- Tools --------------------------------------------------------------------------------------

const tools = {
  in: () => map.zoomIn(),
  out: () => map.zoomOut(),
  home: () => map.fitBounds(city, clear()),
  measure: () => {
    chooser?.stop();
    measure.toggle();
  },
  box: () => chooser.toggle("box"),
  lasso: () => chooser.toggle("lasso"),
  full: () => (document.fullscreenElement ? document.exitFullscreen() : stage.parentElement.requestFullscreen()),
  print: () => window.print(),
  link: async () => {
    keepAddress();
    try {
      await navigator.clipboard.writeText(location.href);
      toast("Đã chép liên kết của khung nhìn và bộ lọc này.");
    } catch {
      toast("Trình duyệt không cho chép: hãy chép địa chỉ trên thanh địa chỉ, nó mở lại đúng khung nhìn này.", "warning");
    }
  },
};

document.querySelector(".map-tools").addEventListener("click", (event) => {
  const button = event.target.closest("[data-tool]");
  if (!button) return;
  tools[button.dataset.tool]();
  if (button.dataset.tool === "measure") button.setAttribute("aria-pressed", measure.active);
});
document.addEventListener("fullscreenchange", () => {
  document.querySelector('[data-tool="full"]').setAttribute("aria-pressed", Boolean(document.fullscreenElement));
  map.invalidateSize();
});

// Paper is smaller than the screen: the drawing is scaled whole, so that nothing of the view is cut
// off and no tile has to be asked for while the browser prints.
window.addEventListener("beforeprint", () => {
  const { clientWidth: width, clientHeight: height } = byId("map-frame");
  stage.style.setProperty("--drawn-width", `${width}px`);
  stage.style.setProperty("--drawn-height", `${height}px`);
  stage.style.setProperty("--print-scale", Math.min(PAPER.width / width, PAPER.height / height));
});

// ---- Keyboard: arrows and +/- move (Leaflet), Enter picks what is under the cross -----------------

const container = map.getContainer();
container.setAttribute("aria-label", "Bản đồ: phím mũi tên để dịch, + và − để phóng, Enter để chọn thửa ở giữa");
container.setAttribute("role", "application");
container.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target !== container) return;
  if (measure.active) measure.push(map.getCenter());
  else if (chooser?.mode) chooser.push(map.getCenter());
  else pick(map.getCenter(), { focus: true });
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (chooser?.mode || chooser?.area) {
    chooser.stop();
    chooser.clear();
    container.focus();
  } else if (measure.active) {
    measure.stop();
    document.querySelector('[data-tool="measure"]').setAttribute("aria-pressed", "false");
  } else if (byId("map-found").childElementCount) byId("map-found").replaceChildren();
  else if (!byId("map-panel").hidden) {
    closePanel();
    container.focus();
  }
});

// ---- Search ---------------------------------------------------------------------------------------

byId("map-found").addEventListener("click", async (event) => {
  const hit = event.target.closest("[data-place]");
  if (!hit) return;
  byId("map-found").replaceChildren();
  await visit(hit.dataset.place);
});
byId("map-search-box").addEventListener("keydown", (event) => {
  const first = byId("map-found").querySelector("[data-place]");
  if (event.key === "ArrowDown") {
    event.preventDefault();
    first?.focus();
  }
  if (event.key === "Enter") {
    event.preventDefault();
    first?.click();
  }
});
byId("map-found").addEventListener("keydown", (event) => {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  if (!step) return;
  event.preventDefault();
  (event.target[step] ?? byId("map-search-box")).focus();
});

async function visit(address, { move = true } = {}) {
  const answer = await fetch(address);
  if (!answer.ok) {
    toast("Chưa có hình trên bản đồ cho kết quả này.", "warning");
    return;
  }
  const { bounds, taking: code } = await answer.json();
  if (code) taking = decodeRef(code);
  if (move) goTo(bounds);
  if (code) await openPanel(decodeRef(code));
}

// ---- Sheets on a phone ------------------------------------------------------------------------------

for (const grip of document.querySelectorAll("[data-sheet]")) {
  grip.addEventListener("click", () => {
    const open = byId(grip.dataset.sheet).classList.toggle("is-open");
    grip.setAttribute("aria-expanded", open);
  });
}

new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(byId("map-frame"));

// ---- Clear land of one project: its blocks as one tint, the ten takings that unlock most ---------

async function showBlocks(project) {
  const answer = await fetch(`${settings.blocks.replace("REF", project)}?on=${dayAt(slider.value)}`);
  if (!answer.ok) return;
  const land = await answer.json();
  L.geoJSON(land, {
    interactive: false,
    style: { className: "map-block" },
    pointToLayer: ({ properties: { place } }, at) =>
      L.marker(at, {
        icon: L.divIcon({ className: "map-pick", html: String(Number(place)), iconSize: [22, 22] }),
        interactive: false,
        keyboard: false,
      }),
  }).addTo(map);
  notice("Vùng tô: đất đã bàn giao, liền khối. Số: phần đất cần tập trung giải quyết trước, theo thứ tự mở thêm đất liền khối.");
}

// ---- Begin --------------------------------------------------------------------------------------------

showDay();
apply({ legend: params().has("in_view") });
showShares();
const REF = /^[0-9a-hjkmnp-tv-z]{11}$/;
if (REF.test(start.get(BLOCKS) ?? "")) showBlocks(start.get(BLOCKS));
const wanted = start.get("thua");
if (REF.test(wanted ?? "")) visit(settings.place.replace("REF", wanted), { move: !hasView });
