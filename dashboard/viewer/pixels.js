// Receives a picture's values and keeps them for the viewer: a component of its own without
// anything to see, so that what changes around the picture does not send the picture again.
//
// Data: the length of a JSON (uint32, little endian); the JSON {picture, part, width, height, bits,
// band}; then, deflated, in bands of `band` rows, the differences of neighbours in a row; of 16 bit
// values first the upper bytes of a band, then the lower ones (made by pixels.py).

const store = (globalThis[Symbol.for("xray pixels")] ??= new Map()); // picture -> {shown, full}
const KEPT = 8; // small pictures; of originals, only the one that came last

export default function ({ data }) {
  if (!(data instanceof Uint8Array)) return;
  const length = new DataView(data.buffer, data.byteOffset, 4).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(data.subarray(4, 4 + length)));
  if (store.get(head.picture)?.[head.part]) {
    announce(head.picture);
    return;
  }
  values(head, data.subarray(4 + length)).then((found) => {
    const { width, height } = head, kept = store.get(head.picture) ?? {};
    if (head.part === "full") for (const one of store.values()) delete one.full;
    store.delete(head.picture);
    store.set(head.picture, { ...kept, [head.part]: { width, height, values: found } });
    while (store.size > KEPT) store.delete(store.keys().next().value);
    announce(head.picture);
  });
}

function announce(picture) {
  document.dispatchEvent(new CustomEvent("xray-pixels", { detail: picture }));
}

async function values({ width, height, bits, band }, deflated) {
  const bytes = await inflated(deflated, (width * height * bits) / 8);
  const found = bits === 16 ? new Uint16Array(width * height) : new Uint8Array(width * height);
  for (let row = 0; row < height; row += band) {
    const count = Math.min(band, height - row) * width, start = row * width;
    const upper = (start * bits) / 8, lower = upper + count;
    for (let i = 0; i < count; i++) {
      const step = bits === 16 ? (bytes[upper + i] << 8) | bytes[lower + i] : bytes[upper + i];
      found[start + i] = step + (i % width ? found[start + i - 1] : 0); // wraps around
    }
  }
  return found;
}

async function inflated(deflated, size) {
  const bytes = new Uint8Array(size);
  const reader = new Blob([deflated]).stream().pipeThrough(new DecompressionStream("deflate"))
    .getReader();
  for (let at = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return bytes;
    bytes.set(value, at);
    at += value.length;
  }
}
