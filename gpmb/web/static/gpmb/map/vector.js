// The vector tiles inside Folium's map: hatch, colours, selection, what lies under the pointer.

const SOURCE = "takings";
const LAYER = { taking: "taking", piece: "piece" };

/** Stripes of the obstacle mark, drawn once for the device's pixel ratio. */
function hatch(colour, ratio) {
  const size = 9 * ratio;
  const canvas = document.createElement("canvas");
  canvas.width = size;
  canvas.height = size;
  const pen = canvas.getContext("2d");
  pen.strokeStyle = colour;
  pen.lineWidth = 1.2 * ratio;
  // One stripe, and the corners of its neighbours, so that the tiles join.
  for (const shift of [-size, 0, size]) {
    pen.beginPath();
    pen.moveTo(shift - size, size * 2);
    pen.lineTo(shift + size * 2, -size);
    pen.stroke();
  }
  return pen.getImageData(0, 0, size, size);
}

export class VectorMap {
  /** `layer` is the maplibre-gl-leaflet layer; `settings` what the page says about drawing. */
  constructor(layer, settings) {
    this.gl = layer.getMaplibreMap();
    this.settings = settings;
    this.selected = null;
    this.marked = [];
    this.gl.on("styleimagemissing", ({ id }) => {
      const colour = settings.hatches[id.replace("hatch-", "")];
      const ratio = Math.max(1, Math.round(window.devicePixelRatio || 1));
      if (colour) this.gl.addImage(id, hatch(colour, ratio), { pixelRatio: ratio });
    });
    this.ready = new Promise((resolve) => {
      // Not isStyleLoaded(): that is false again while tiles are on their way.
      if (this.gl.getLayer("taking-fill")) resolve();
      else this.gl.once("style.load", resolve);
    });
  }

  /** Draw the selection of `params`, coloured its way. */
  async show(params, colouring) {
    await this.ready;
    this.gl.getSource(SOURCE).setTiles([`${location.origin}${this.settings.tiles}?${params}`]);
    const hexagons = this.gl.getSource("hexagons");
    if (hexagons) {
      const wanted = colouring === this.settings.hexagonColouring;
      hexagons.setData(
        wanted ? `${location.origin}${this.settings.hexagons}?${params}` : { type: "FeatureCollection", features: [] },
      );
    }
  }

  /** Wards, projects, sites and obstacles on the ground as GeoJSON. */
  async surround(outlines) {
    await this.ready;
    this.gl.getSource("outlines").setData(outlines);
  }

  /** Ask for the tiles in view again: an edit changed them. */
  async redraw() {
    await this.ready;
    this.gl.refreshTiles(SOURCE);
  }

  async switchLayer(names, shown) {
    await this.ready;
    for (const name of names) this.gl.setLayoutProperty(name, "visibility", shown ? "visible" : "none");
  }

  /** The taking or piece drawn at a place: {kind, id, properties}, or null. */
  at(place) {
    if (!this.gl.getLayer("taking-fill")) return null;
    const point = this.gl.project([place.lng, place.lat]);
    const found = this.gl.queryRenderedFeatures(point, { layers: ["taking-fill", "piece-fill", "hexagon-fill"] });
    if (!found.length) return null;
    const { id, properties, layer } = found[0];
    return { kind: layer.id.split("-")[0], id, properties };
  }

  /** What an obstacle on the ground is called, where one is drawn at a place; else null. */
  obstacleAt(place) {
    if (!this.gl.getLayer("ground-line")) return null;
    const { x, y } = this.gl.project([place.lng, place.lat]);
    const near = [[x - 4, y - 4], [x + 4, y + 4]];
    const found = this.gl.queryRenderedFeatures(near, { layers: ["ground-fill", "ground-line"] });
    return found.length ? found[0].properties.name : null;
  }

  /** Outline many takings, those of a chosen area; none by an empty list. */
  async mark(refs) {
    await this.ready;
    const of = (id) => ({ source: SOURCE, sourceLayer: LAYER.taking, id });
    for (const id of this.marked) if (id !== this.selected) this.gl.removeFeatureState(of(id));
    this.marked = refs;
    for (const id of refs) this.gl.setFeatureState(of(id), { selected: true });
  }

  /** Outline one taking; null outlines none. */
  async select(ref) {
    await this.ready;
    const of = (id) => ({ source: SOURCE, sourceLayer: LAYER.taking, id });
    if (this.selected !== null && !this.marked.includes(this.selected)) this.gl.removeFeatureState(of(this.selected));
    this.selected = ref;
    if (ref !== null) this.gl.setFeatureState(of(ref), { selected: true });
  }
}
