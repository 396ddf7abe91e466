// Boundary and parcel pages: parcels to draw against, a polygon or a line drawn by clicks, and the
// pieces of a preview. What is drawn goes into the form's hidden field `drawn` as GeoJSON.

import { lengthAndArea, project } from "./map/measure.js";

const { L } = window;
const map = window.map_draw;
const settings = JSON.parse(document.getElementById("draw-settings").textContent);
const frame = document.querySelector(".ground-map");
const mode = frame.dataset.mode;
const near = 15;

const [west, south, east, north] = settings.bounds;
map.fitBounds([[south, west], [north, east]], { padding: [24, 24] });
L.control.scale({ imperial: false }).addTo(map);

const parcels = L.geoJSON(null, {
  interactive: false,
  style: { color: "#5b6675", weight: 0.8, fillColor: "#fff", fillOpacity: 0.6 },
  onEachFeature: (feature, path) => {
    if (feature.properties.key) path.bindTooltip(document.createTextNode(feature.properties.key).data, { sticky: true });
  },
}).addTo(map);

async function showParcels() {
  if (map.getZoom() < near || !settings.around) return;
  const box = map.getBounds();
  const view = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].join(",");
  const answer = await fetch(`${settings.around}?box=${view}`);
  if (!answer.ok) return;
  parcels.clearLayers();
  parcels.addData(await answer.json());
  parcels.bringToBack();
  frame.dataset.parcels = parcels.getLayers().length;
}
map.on("moveend", showParcels);

if (settings.line) {
  L.geoJSON(settings.line, { interactive: false, style: { color: "#0b5f6b", weight: 3, fill: false } }).addTo(map);
}

function colour({ warned, kept, partly }) {
  if (kept) return "#8a94a1";
  if (warned) return "#e6a23c";
  return partly ? "#7fcdbb" : "#2c7fb8";
}

async function showPieces() {
  if (!settings.pieces) return;
  const answer = await fetch(settings.pieces);
  const layer = L.geoJSON(await answer.json(), {
    style: (f) => ({ color: "#1c2430", weight: 0.8, fillColor: colour(f.properties), fillOpacity: 0.75 }),
    onEachFeature: (feature, path) => path.bindTooltip(feature.properties.key || "không số"),
  }).addTo(map);
  frame.dataset.pieces = layer.getLayers().length;
}

const status = document.getElementById("draw-status");
const field = document.querySelector("input[name=drawn]");
const button = (name) => document.querySelector(`[data-draw=${name}]`);
const number = new Intl.NumberFormat("vi-VN", { maximumFractionDigits: 1 });
let points = [];
let drawing = false;
const style = { color: "#1c2430", weight: 2.5, dashArray: "6 4", fillOpacity: 0.12 };
const sketch = mode === "line" ? L.polyline([], style) : L.polygon([], style);

function refresh() {
  sketch.setLatLngs(points);
  const ring = points.map(({ lat, lng }) => [Number(lng.toFixed(9)), Number(lat.toFixed(9))]);
  const least = mode === "line" ? 2 : 3;
  const geometry = mode === "line"
    ? { type: "LineString", coordinates: ring }
    : { type: "Polygon", coordinates: [[...ring, ring[0]]] };
  field.value = points.length >= least ? JSON.stringify(geometry) : "";
  button("back").disabled = button("clear").disabled = !points.length;
  const { meridian, scale } = settings.plane;
  const [length, area] = lengthAndArea(points.map(({ lat, lng }) => project(lat, lng, meridian, scale)));
  if (points.length < least) status.textContent = `Đã bấm ${points.length} điểm; cần ít nhất ${least}.`;
  else if (mode === "line") status.textContent = `Đường dài ${number.format(length)} m.`;
  else status.textContent = `${points.length} góc, khoảng ${number.format(area)} m². Bấm “Xem trước” để xem từng thửa.`;
  frame.dataset.points = points.length;
}

if (mode && field) {
  sketch.addTo(map);
  if (field.value) {
    const given = JSON.parse(field.value);
    const ring = mode === "line" ? given.coordinates : given.coordinates[0].slice(0, -1);
    points = ring.map(([lng, lat]) => L.latLng(lat, lng));
    refresh();
  }
  button("start").addEventListener("click", () => {
    drawing = !drawing;
    button("start").setAttribute("aria-pressed", drawing);
    button("start").textContent = drawing ? "Thôi vẽ" : "Vẽ tiếp";
    map.getContainer().classList.toggle("is-drawing", drawing);
    if (drawing) status.textContent = "Bấm từng góc trên bản đồ.";
  });
  map.doubleClickZoom.disable();
  map.on("click", (event) => {
    if (!drawing) return;
    points.push(event.latlng);
    refresh();
  });
  button("back").addEventListener("click", () => { points.pop(); refresh(); });
  button("clear").addEventListener("click", () => { points = []; refresh(); });
}

showParcels();
showPieces();
