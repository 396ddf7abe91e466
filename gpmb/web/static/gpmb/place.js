// A place picked on a small map: a click writes degrees into the form's text field and back.

const { L } = window;
const map = window.map_draw;
const settings = JSON.parse(document.getElementById("place-settings").textContent);
const field = document.querySelector("input[name=place]");
const near = 15;

const [west, south, east, north] = settings.bounds;
map.fitBounds([[south, west], [north, east]]);
L.control.scale({ imperial: false }).addTo(map);

const land = L.geoJSON(null, { interactive: false, style: { color: "#5b6675", weight: 0.8, fillColor: "#fff", fillOpacity: 0.7 } }).addTo(map);
const mark = L.circleMarker([0, 0], { radius: 7, color: "#b3261e", weight: 3, fillOpacity: 0.25, interactive: false });

async function surround() {
  const answer = await fetch(settings.outlines);
  if (!answer.ok) return;
  const { features } = await answer.json();
  const style = { ward: { color: "#9aa4b0", weight: 1, fill: false }, project: { color: "#0b5f6b", weight: 1.4, fill: false } };
  L.geoJSON(features.filter(({ properties: { kind } }) => kind in style), {
    interactive: false,
    style: (feature) => style[feature.properties.kind],
  }).addTo(map);
}

/** The takings of the view, once near enough to be told apart. */
async function showLand() {
  land.clearLayers();
  if (map.getZoom() < near) return;
  const answer = await fetch(`${settings.land}?box=${map.getBounds().toBBoxString()}`);
  if (answer.ok) land.clearLayers().addData(await answer.json());
}

/** Degrees typed as "107,97; 21,53"; metres of the plane stay text alone. */
function typed() {
  const [x, y] = field.value.split(";").map((part) => Number(part.trim().replace(",", ".")));
  return x < 180 && Number.isFinite(y) ? L.latLng(y, x) : null;
}

function show() {
  const place = field.value.includes(";") ? typed() : null;
  if (!place) return mark.remove();
  mark.setLatLng(place).addTo(map);
  if (!map.getBounds().contains(place)) map.setView(place, Math.max(near, map.getZoom()));
  return mark;
}

map.on("click", ({ latlng }) => {
  const [x, y] = [latlng.lng, latlng.lat].map((value) => value.toFixed(6).replace(".", ","));
  field.value = `${x}; ${y}`;
  show();
});
field.addEventListener("input", show);
map.on("moveend", showLand);
surround();
show();
