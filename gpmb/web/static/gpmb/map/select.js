// Choosing parcels by a box or a freehand line: what lies inside is counted by the server.

const NEAR_PX = 4; // points of a freehand line closer than this say nothing new
const STYLE = { color: "#0b5f6b", weight: 2, dashArray: "5 4", fillOpacity: 0.08, interactive: false };
const HINTS = {
  box: "Kéo một khung quanh các thửa. Bằng phím: dịch bản đồ, Enter ở một góc, rồi Enter ở góc đối diện; Esc để thôi.",
  lasso: "Vẽ một vòng quanh các thửa. Bằng phím: dịch bản đồ, Enter từng điểm, Enter lần nữa tại chỗ để khép vòng; Esc để thôi.",
};

const number = new Intl.NumberFormat("vi-VN");

/** The ring of a mode's points as [longitude, latitude] pairs. */
export function ringOf(mode, points) {
  if (mode === "lasso") return points.map(({ lng, lat }) => [lng, lat]);
  const [a, b] = [points[0], points.at(-1)];
  return [[a.lng, a.lat], [b.lng, a.lat], [b.lng, b.lat], [a.lng, b.lat]];
}

export class AreaSelect {
  /** `drawn` outlines takings; `query()` gives the map's filters; `bar` is the form that goes on to the change. */
  constructor(map, drawn, { address, bar, query, changed }) {
    Object.assign(this, { map, drawn, address, bar, query, changed, mode: null, points: [] });
    this.box = map.getContainer();
    this.shape = window.L.polygon([], STYLE);
    this.quietUntil = 0;
    this.box.addEventListener("pointerdown", (event) => this.down(event));
    this.box.addEventListener("pointermove", (event) => this.move(event));
    this.box.addEventListener("pointerup", (event) => this.up(event));
    this.box.addEventListener("pointercancel", () => this.mode && this.start(this.mode));
    bar.querySelector("[data-drop]").addEventListener("click", () => this.clear());
  }

  /** Whether a click belongs to the choosing, not to a parcel. */
  get busy() {
    return this.mode !== null || performance.now() < this.quietUntil;
  }

  toggle(mode) {
    if (this.mode === mode) this.stop();
    else this.start(mode);
  }

  start(mode) {
    this.clear();
    this.mode = mode;
    this.drawing = false;
    this.map.dragging.disable();
    this.box.classList.add("is-selecting");
    this.shape.addTo(this.map);
    this.say(HINTS[mode]);
    this.changed(mode);
  }

  stop() {
    if (!this.mode) return;
    this.mode = null;
    this.map.dragging.enable();
    this.box.classList.remove("is-selecting");
    this.quietUntil = performance.now() + 300;
    if (!this.area) this.clear();
    this.changed(null);
  }

  /** Forget the chosen area and what was outlined. */
  clear() {
    this.asked?.abort();
    this.area = null;
    this.points = [];
    this.shape.setLatLngs([]).remove();
    this.drawn.mark([]);
    this.say("");
  }

  say(text, editable = 0) {
    this.bar.hidden = !text;
    this.bar.querySelector("[data-said]").textContent = text;
    const go = this.bar.querySelector("[type=submit]");
    go.hidden = !editable;
    go.textContent = `Cập nhật ${number.format(editable)} hồ sơ`;
  }

  down(event) {
    if (!this.mode || event.button !== 0 || event.target.closest(".leaflet-control")) return;
    event.preventDefault();
    this.box.setPointerCapture(event.pointerId);
    this.drawing = true;
    this.points = [this.map.mouseEventToLatLng(event)];
    this.last = [event.clientX, event.clientY];
  }

  move(event) {
    if (!this.drawing) return;
    const [x, y] = this.last;
    if (Math.hypot(event.clientX - x, event.clientY - y) < NEAR_PX) return;
    this.last = [event.clientX, event.clientY];
    this.add(this.map.mouseEventToLatLng(event));
  }

  up(event) {
    if (!this.drawing) return;
    this.drawing = false;
    this.box.releasePointerCapture(event.pointerId);
    if (this.points.length >= (this.mode === "box" ? 2 : 3)) this.finish();
    else this.points = [];
  }

  /** By keyboard: a point in the middle of the view. */
  push(place) {
    const last = this.points.at(-1);
    const still = last && this.map.latLngToContainerPoint(last).distanceTo(this.map.latLngToContainerPoint(place)) < NEAR_PX;
    if (still) {
      if (this.points.length >= 3) this.finish();
      return;
    }
    this.add(place);
    if (this.mode === "box" && this.points.length === 2) this.finish();
  }

  add(place) {
    if (this.mode === "box") this.points = [this.points[0] ?? place, ...(this.points.length ? [place] : [])];
    else this.points.push(place);
    this.shape.setLatLngs(ringOf(this.mode, this.points).map(([lng, lat]) => [lat, lng]));
  }

  async finish() {
    this.area = JSON.stringify(ringOf(this.mode, this.points).map((pair) => pair.map((degree) => Number(degree.toFixed(7)))));
    this.stop();
    this.say("Đang đếm…");
    const { elements } = this.bar;
    elements.area.value = this.area;
    elements.query.value = this.query();
    this.asked = new AbortController();
    try {
      const answer = await fetch(this.address, { method: "POST", body: new FormData(this.bar), signal: this.asked.signal });
      const told = await answer.json();
      if (!answer.ok) {
        this.say(told.message);
        return;
      }
      this.drawn.mark(told.marked);
      this.tell(told);
    } catch (error) {
      if (error.name !== "AbortError") this.say("Chưa đếm được vùng chọn: kiểm tra kết nối rồi vẽ lại.");
    }
  }

  tell({ takings, cases, editable, without_case: loose }) {
    const parts = [`Trong vùng: ${number.format(takings)} thửa, ${number.format(cases)} hồ sơ`];
    if (loose) parts.push(`${number.format(loose)} thửa chưa lập hồ sơ`);
    if (editable < cases) parts.push(`bạn được cập nhật ${number.format(editable)} hồ sơ (viền đậm)`);
    this.say(`${parts.join("; ")}.`, editable);
    if (editable) this.bar.querySelector("[type=submit]").focus({ preventScroll: true });
  }
}
