// Seen from far, a project is a few pixels of land: a ring beside it tells its shares by class.

const { L } = window;
const SVG = "http://www.w3.org/2000/svg";
const narrow = window.matchMedia("(max-width: 600px)").matches;
const LEAST = narrow ? 6 : 8;
const MOST = narrow ? 14 : 22;

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** Radius in pixels: the ring's area grows with the land's, within bounds that stay legible. */
function radius(area, largest) {
  return LEAST + (MOST - LEAST) * Math.sqrt(area / largest);
}

/** A ring of the shares of each class, in the classes' order from noon. */
function ring(size, shares, colours) {
  const middle = size + 2;
  const picture = element("svg", { width: middle * 2, height: middle * 2, "aria-hidden": "true" });
  const thick = Math.max(5, size * 0.5);
  const reach = size - thick / 2;
  const whole = 2 * Math.PI * reach;
  const circle = (attributes) => element("circle", { cx: middle, cy: middle, fill: "none", ...attributes });
  picture.append(circle({ r: size + 0.5, fill: "#fff", stroke: "#5b6675", "stroke-width": 1 }));
  let begun = 0;
  for (const [c, share] of shares) {
    picture.append(
      circle({
        r: reach,
        stroke: colours[c],
        "stroke-width": thick - 1,
        "stroke-dasharray": `${whole * share} ${whole}`,
        "stroke-dashoffset": -whole * begun,
        transform: `rotate(-90 ${middle} ${middle})`,
      }),
    );
    begun += share;
  }
  picture.append(circle({ r: size - thick, fill: "#fff", stroke: "#5b6675", "stroke-width": 0.6 }));
  return [picture, middle];
}

export class Donuts {
  /** `describe(project)` gives the lines of its tip; `open(project)` is called on a click. */
  constructor(map, settings, open) {
    this.map = map;
    this.settings = settings;
    this.open = open;
    this.layer = L.layerGroup().addTo(map);
    this.places = new Map();
    this.projects = [];
    this.held = new Map(); // projects stuck as a whole
  }

  /** Where projects are: public number → Leaflet LatLng. */
  locate(places) {
    this.places = places;
    this.draw();
  }

  /** `projects`: [{ref, name, area, takings, shares: [[class, share], …]}] of the legend's filters. */
  show(projects, colouring) {
    this.projects = projects;
    this.colouring = colouring;
    this.draw();
  }

  draw() {
    this.layer.clearLayers();
    const largest = Math.max(1, ...this.projects.map(({ area }) => area));
    // The largest first, so that the small ones lie on top of them.
    for (const project of [...this.projects].sort((a, b) => b.area - a.area)) {
      const place = this.places.get(project.ref);
      if (!place) continue;
      const [picture, middle] = ring(radius(project.area, largest), project.shares, this.settings.plain[this.colouring]);
      const className = this.held.has(project.ref) ? "map-donut is-stuck" : "map-donut";
      const icon = L.divIcon({ className, html: picture, iconSize: [middle * 2, middle * 2] });
      L.marker(place, { icon, keyboard: false, alt: project.name })
        .on("click", () => this.open(project))
        .on("mouseover", (event) => this.onOver?.(project, event))
        .on("mouseout", () => this.onOver?.(null))
        .addTo(this.layer);
    }
  }
}
