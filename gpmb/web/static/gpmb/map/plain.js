// Without WebGL: the takings of the view as plain GeoJSON, as many as the server allows.

export class PlainMap {
  constructor(map, settings, notice) {
    this.map = map;
    this.settings = settings;
    this.notice = notice;
    this.layer = window.L.geoJSON(null, { style: (feature) => this.style(feature), onEachFeature: (f, l) => this.listen(f, l) }).addTo(map);
    this.outlines = window.L.geoJSON(null, {
      interactive: false,
      style: ({ properties: { kind } }) =>
        kind === "obstacle" ? { color: "#c2410c", weight: 3, fill: false } : { color: "#9aa4b0", weight: 1, fill: false },
    }).addTo(map);
    this.selected = null;
    this.marked = new Set();
    this.onSelect = () => {};
    this.move = () => this.params && this.draw();
    map.on("moveend", this.move);
  }

  async surround(outlines) {
    this.outlines.clearLayers();
    this.outlines.addData(outlines);
  }

  listen(feature, layer) {
    layer.on("click", (event) => {
      window.L.DomEvent.stopPropagation(event);
      this.onSelect(feature.id);
    });
  }

  style(feature) {
    const fill = this.settings.plain[this.colouring]?.[feature.properties.c] ?? "#ffffff";
    const selected = feature.id === this.selected || this.marked.has(feature.id);
    return {
      color: selected ? "#1c2430" : feature.properties.o ? "#c2410c" : "#5b6675",
      weight: selected ? 3 : feature.properties.o ? 2 : 0.7,
      dashArray: feature.properties.c === this.settings.dashed[this.colouring] ? "3 3" : null,
      fillColor: fill,
      fillOpacity: 1,
    };
  }

  async show(params, colouring) {
    this.params = new URLSearchParams(params);
    this.colouring = colouring;
    await this.draw();
  }

  async draw() {
    const bounds = this.map.getBounds();
    this.params.set("box", bounds.toBBoxString());
    this.asked?.abort();
    this.asked = new AbortController();
    try {
      const answer = await fetch(`${this.settings.plainUrl}?${this.params}`, { signal: this.asked.signal });
      if (!answer.ok) throw new Error(String(answer.status));
      const found = await answer.json();
      this.layer.clearLayers();
      this.layer.addData(found);
      this.notice(
        "Trình duyệt này không có WebGL nên bản đồ vẽ theo cách đơn giản" +
          (found.truncated ? `, chỉ ${found.features.length} thửa đầu của khung nhìn: hãy phóng to.` : "."),
      );
    } catch (error) {
      if (error.name !== "AbortError") this.notice("Chưa tải được thửa đất của khung nhìn: hãy dịch bản đồ để thử lại.");
    }
  }

  redraw() {
    return this.draw();
  }

  switchLayer(_names, shown) {
    if (shown) this.outlines.addTo(this.map);
    else this.outlines.remove();
  }

  at() {
    return null;
  }

  obstacleAt() {
    return null;
  }

  async mark(refs) {
    this.marked = new Set(refs);
    this.layer.setStyle((feature) => this.style(feature));
  }

  async select(ref) {
    this.selected = ref;
    this.layer.setStyle((feature) => this.style(feature));
  }
}
