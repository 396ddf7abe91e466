// The form of the map ⇄ the address: filters, colouring, date and view can be sent as a link.

const VIEW = "view";
const TAKING = "thua";
export const BLOCKS = "khoi";

/** Read the form: what differs from a fresh page, in a fixed order. */
export function readForm(form, day, lastDay) {
  const params = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (value && value !== form.dataset[`default${name[0].toUpperCase()}${name.slice(1)}`]) {
      params.append(name, value);
    }
  }
  for (const box of form.querySelectorAll("[data-group]:not(:checked)")) {
    params.append("hide", box.dataset.group);
  }
  if (day && day !== lastDay) params.set("on", day);
  return params;
}

/** What tiles and counts depend on: everything but the view and what is counted. */
export function forTiles(params) {
  const kept = new URLSearchParams(params);
  for (const name of ["count", "in_view", "box", VIEW, TAKING]) kept.delete(name);
  kept.sort();
  return kept;
}

/** Put filters and view into the address bar without a new history entry. */
export function remember(params, map, taking) {
  const shown = new URLSearchParams(params);
  shown.delete("box");
  const { lat, lng } = map.getCenter();
  shown.set(VIEW, `${map.getZoom().toFixed(2)}/${lat.toFixed(5)}/${lng.toFixed(5)}`);
  if (taking) shown.set(TAKING, taking);
  const blocks = new URLSearchParams(location.search).get(BLOCKS);
  if (blocks) shown.set(BLOCKS, blocks);
  history.replaceState(null, "", `?${decodeURIComponent(shown.toString())}`);
}

/** The view's box as west,south,east,north in degrees. */
export function boxOf(map) {
  const bounds = map.getBounds();
  return [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()]
    .map((degrees) => degrees.toFixed(5))
    .join(",");
}

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** A row's public number as it stands in addresses (gpmb.refs.encode). */
export function encodeRef(number) {
  const value = BigInt(number);
  let text = "";
  for (let shift = 50n; shift >= 0n; shift -= 5n) text += ALPHABET[Number((value >> shift) & 31n)];
  return text;
}

/** The public number behind an address part (gpmb.refs.decode). */
export function decodeRef(text) {
  let value = 0n;
  for (const letter of text) value = (value << 5n) | BigInt(ALPHABET.indexOf(letter));
  return Number(value);
}
