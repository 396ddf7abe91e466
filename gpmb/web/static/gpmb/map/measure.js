// Measuring on the map: lengths and areas in the province's VN-2000 plane, not on the web map's
// sphere (whose areas are 16 % too large here).

const A = 6378137;
const N = 1 / 298.257223563 / (2 - 1 / 298.257223563);

/** Transverse Mercator (Krüger series to n³, better than 1 mm in a zone): [east, north] metres. */
export function project(lat, lng, meridian, scale) {
  const phi = (lat * Math.PI) / 180;
  const lambda = ((lng - meridian) * Math.PI) / 180;
  const e = (2 * Math.sqrt(N)) / (1 + N);
  const t = Math.sinh(Math.atanh(Math.sin(phi)) - e * Math.atanh(e * Math.sin(phi)));
  const xi = Math.atan2(t, Math.cos(lambda));
  const eta = Math.asinh(Math.sin(lambda) / Math.hypot(t, Math.cos(lambda)));
  const radius = (A / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64);
  const alpha = [
    N / 2 - (2 / 3) * N ** 2 + (5 / 16) * N ** 3,
    (13 / 48) * N ** 2 - (3 / 5) * N ** 3,
    (61 / 240) * N ** 3,
  ];
  let east = eta;
  let north = xi;
  alpha.forEach((a, i) => {
    const k = 2 * (i + 1);
    east += a * Math.cos(k * xi) * Math.sinh(k * eta);
    north += a * Math.sin(k * xi) * Math.cosh(k * eta);
  });
  return [scale * radius * east, scale * radius * north];
}

/** Length of the line in metres, and area of the closed polygon in square metres. */
export function lengthAndArea(points) {
  let length = 0;
  let twice = 0;
  points.forEach(([x, y], i) => {
    if (i) length += Math.hypot(x - points[i - 1][0], y - points[i - 1][1]);
    const [nx, ny] = points[(i + 1) % points.length];
    twice += x * ny - nx * y;
  });
  return [length, Math.abs(twice) / 2];
}

const number = new Intl.NumberFormat("vi-VN", { maximumFractionDigits: 1 });

function metres(value) {
  return value < 1000 ? `${number.format(value)} m` : `${number.format(value / 1000)} km`;
}

function squareMetres(value) {
  return value < 10000 ? `${number.format(value)} m²` : `${number.format(value / 10000)} ha`;
}

/** A measuring tool on a Leaflet map; `report` receives the sentence to show, or "" to hide it. */
export class Measure {
  constructor(map, plane, report) {
    this.map = map;
    this.plane = plane;
    this.report = report;
    this.active = false;
    this.add = (event) => this.push(event.latlng);
  }

  toggle() {
    if (this.active) this.stop();
    else this.start();
    return this.active;
  }

  start() {
    this.active = true;
    this.points = [];
    this.shape = window.L.polygon([], { color: "#1c2430", weight: 2, fillOpacity: 0.08, dashArray: "5 4" }).addTo(this.map);
    this.map.on("click", this.add);
    this.map.getContainer().classList.add("is-measuring");
    this.report("Bấm từng điểm để đo; Esc để thôi đo.");
  }

  stop() {
    this.active = false;
    this.map.off("click", this.add);
    this.shape.remove();
    this.map.getContainer().classList.remove("is-measuring");
    this.report("");
  }

  /** Add a point (a Leaflet LatLng). */
  push(place) {
    this.points.push(place);
    this.shape.setLatLngs(this.points);
    const { meridian, scale } = this.plane;
    const plane = this.points.map(({ lat, lng }) => project(lat, lng, meridian, scale));
    const [length, area] = lengthAndArea(plane);
    const parts = [];
    if (this.points.length === 1) parts.push("Bấm điểm tiếp theo");
    if (this.points.length > 1) parts.push(`Dài ${metres(length)}`);
    if (this.points.length > 2) parts.push(`Diện tích ${squareMetres(area)}`);
    this.report(`${parts.join(" · ")}. Mặt phẳng VN-2000, chỉ để tham khảo.`);
  }
}
