// Draws the hexagons on Folium's map, opens the one that is chosen, moves the day.

const { htmx, L } = window;
const settings = JSON.parse(document.getElementById("hotspot-settings").textContent);
const map = window.map_hotspots;

function open(feature, path) {
  const { q, r } = feature.properties;
  htmx.ajax("GET", `${settings.cell}?q=${q}&r=${r}`, { target: "#cell", source: document.body });
  chosen?.setStyle(settings.styles[chosen.feature.properties.verdict]);
  chosen = path;
  path.setStyle({ color: "#1c2430", weight: 3 }).bringToFront();
}

let chosen = null;
const paths = new Map();

// An area of the table: show it on the map and what it rests on.
for (const link of document.querySelectorAll("a[data-cell]")) {
  link.addEventListener("click", (event) => {
    const path = paths.get(link.dataset.cell);
    if (!path) return;
    event.preventDefault();
    map.setView(path.getBounds().getCenter(), 15);
    open(path.feature, path);
    document.getElementById("hotspot-map").scrollIntoView({ block: "nearest" });
  });
}

async function draw() {
  const [hexagons, around] = await Promise.all(
    [settings.cells, settings.outlines].map((url) => fetch(url).then((answer) => answer.json())),
  );
  const wards = around.features.filter((f) => f.properties.kind === "ward");
  L.geoJSON(wards, { interactive: false, style: { color: "#9aa4b0", weight: 1, fill: false } }).addTo(map);
  // Those that say something are drawn last, on top.
  const order = ["none", "not_enough_data", "watch", "hot"];
  hexagons.features.sort((a, b) => order.indexOf(a.properties.verdict) - order.indexOf(b.properties.verdict));
  const layer = L.geoJSON(hexagons, {
    style: (feature) => settings.styles[feature.properties.verdict],
    onEachFeature: (feature, path) => {
      paths.set(`${feature.properties.q},${feature.properties.r}`, path);
      path.on("click", () => open(feature, path));
    },
  }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  // The whole city, however wide the screen: by quarters of a zoom, as whole ones waste half of it.
  const bounds = layer.getBounds();
  const [west, south, east, north] = settings.bounds ?? [];
  if (settings.bounds) bounds.extend([[south, west], [north, east]]);
  map.options.zoomSnap = 0.25;
  if (bounds.isValid()) map.fitBounds(bounds, { padding: [10, 10], animate: false });
  map.getContainer().dataset.drawn = hexagons.features.length;
}

const range = document.getElementById("day-range");
const form = document.getElementById("day-form");
range.addEventListener("input", () => {
  const day = new Date(`${range.dataset.first}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + Number(range.value));
  form.elements.on.value = day.toISOString().slice(0, 10).split("-").reverse().join("/");
});
range.addEventListener("change", () => form.requestSubmit());

draw();
