(() => {
  "use strict";
  const map = Object.values(window).find((value) => value instanceof L.Map);
  const number = new Intl.NumberFormat("vi-VN", { maximumFractionDigits: 1 });
  const shown = { groups: new Set(briefing.groups.keys()), stages: new Set(briefing.stages.keys()) };
  const fold = (text) => text.toLowerCase().replaceAll("đ", "d").normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  const element = (tag, properties, ...children) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  };

  const decode = (rings) => rings.map((ring) => {
    let [x, y] = [0, 0];
    const points = [];
    for (let at = 0; at < ring.length; at += 2) {
      x += ring[at];
      y += ring[at + 1];
      points.push([y / briefing.scale, x / briefing.scale]);
    }
    return points;
  });
  // From afar lines between parcels would hide their colours: the edge takes the fill's.
  const NEAR = 15;
  const edge = (at) => {
    if (map.getZoom() >= NEAR || briefing.stage[at] === 0) return briefing.outline;
    return briefing.colours[briefing.stage[at]];
  };
  const style = (at) => ({
    smoothFactor: 0,
    color: edge(at),
    weight: 0.7,
    dashArray: briefing.stage[at] === 0 ? "3 2" : null,
    fillColor: briefing.colours[briefing.stage[at]],
    fillOpacity: 0.92,
    fillRule: "evenodd",
  });

  for (const outline of briefing.outlines) {
    L.polygon(decode(outline), { color: briefing.accent, weight: 2, dashArray: "8 5", fill: false, interactive: false }).addTo(map);
  }
  const parcels = briefing.shapes.map((shape, at) => L.polygon(decode(shape), style(at)).on("click", () => choose(at)));
  const layer = L.layerGroup().addTo(map);
  const frame = L.featureGroup(parcels).getBounds();
  if (frame.isValid()) map.fitBounds(frame.pad(0.03));

  const groupOf = (at) => briefing.projects[briefing.of[at]].group;
  const passes = (at) => shown.groups.has(groupOf(at)) && shown.stages.has(briefing.stage[at]);

  function row(kind, index, name, swatch) {
    const box = element("input", { type: "checkbox", checked: true });
    box.addEventListener("change", () => {
      shown[kind][box.checked ? "add" : "delete"](index);
      draw();
    });
    const first = element("span", { className: "number" });
    const second = element("span", { className: "number" });
    const mark = element("span", { className: swatch ? "swatch" : "" });
    if (swatch) mark.style.background = swatch;
    if (kind === "stages" && index === 0) mark.classList.add("none");
    document.getElementById(kind).append(element("label", { className: "row" }, box, mark, name, first, second));
    return (a, b) => { first.textContent = a; second.textContent = b; };
  }
  const groupRows = briefing.groups.map((group, at) => row("groups", at, group.name));
  const stageRows = briefing.stages.map((name, at) => row("stages", at, name, briefing.colours[at]));

  function draw() {
    layer.clearLayers();
    const groups = briefing.groups.map(() => ({ takings: 0, area: 0, done: 0 }));
    const stages = briefing.stages.map(() => ({ takings: 0, area: 0 }));
    let [takings, area] = [0, 0];
    parcels.forEach((parcel, at) => {
      if (shown.stages.has(briefing.stage[at])) {
        const group = groups[groupOf(at)];
        group.takings += 1;
        group.area += briefing.area[at];
        if (briefing.stage[at] === 6) group.done += briefing.area[at];
      }
      if (shown.groups.has(groupOf(at))) {
        stages[briefing.stage[at]].takings += 1;
        stages[briefing.stage[at]].area += briefing.area[at];
      }
      if (!passes(at)) return;
      takings += 1;
      area += briefing.area[at];
      layer.addLayer(parcel);
    });
    groups.forEach((group, at) => groupRows[at](number.format(group.takings), group.area ? `${Math.round(100 * group.done / group.area)}%` : "–"));
    stages.forEach((stage, at) => stageRows[at](number.format(stage.takings), number.format(stage.area / 10000)));
    document.getElementById("total").textContent = `Đang xem ${number.format(takings)} thửa · ${number.format(area / 10000)} ha`;
  }

  let marked = null;
  function choose(at) {
    if (marked !== null) parcels[marked].setStyle(style(marked));
    marked = at;
    parcels[at].setStyle({ color: "#000", weight: 3, dashArray: null }).bringToFront();
    const [sheet, parcel] = briefing.label[at].split("/");
    const facts = [
      ["Thửa", parcel ? `Tờ ${sheet} · thửa ${parcel}` : "chưa có số thửa"],
      ["Dự án", briefing.projects[briefing.of[at]].name],
      ["Nhóm", briefing.groups[groupOf(at)].name],
      ["Thu hồi", `${number.format(briefing.area[at])} m²`],
      ["Bước", briefing.stages[briefing.stage[at]]],
    ];
    const list = element("dl", {});
    for (const [name, value] of facts) list.append(element("dt", { textContent: name }), element("dd", { textContent: value }));
    document.getElementById("chosen").replaceChildren(list);
  }

  const search = document.getElementById("search");
  search.addEventListener("input", () => {
    const wanted = fold(search.value.trim()).replace(/^t[oờ]?\s*/, "").replace(/\s*thua\s*/, "/");
    const found = document.getElementById("found");
    found.replaceChildren();
    if (wanted.length < 2) return;
    const hit = (text, at, go) => found.append(element("li", {}, element("button", { type: "button", textContent: text, onclick: go })));
    briefing.projects.forEach((project, index) => {
      if (found.children.length > 7 || !fold(project.name).includes(wanted)) return;
      hit(project.name, index, () => {
        const own = parcels.filter((_, at) => briefing.of[at] === index);
        if (own.length) map.fitBounds(L.featureGroup(own).getBounds().pad(0.1));
      });
    });
    briefing.label.forEach((label, at) => {
      if (found.children.length > 11 || label.toLowerCase() !== wanted) return;
      hit(`${label} · ${briefing.projects[briefing.of[at]].name}`, at, () => {
        map.fitBounds(parcels[at].getBounds().pad(2));
        choose(at);
      });
    });
    if (!found.children.length) found.append(element("li", { textContent: "Không tìm thấy." }));
  });

  L.control.scale({ imperial: false }).addTo(map);
  let near = map.getZoom() >= NEAR;
  map.on("zoomend", () => {
    const now = map.getZoom() >= NEAR;
    if (now === near) return;
    near = now;
    parcels.forEach((parcel, at) => parcel.setStyle(style(at)));
    if (marked !== null) choose(marked);
  });
  draw();
  window.briefingMap = { map, shown, parcels };
})();
