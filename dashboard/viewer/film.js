// A picture's values, looked at through a window. The small picture is always there; of the
// original, once it has come, only what is on the screen is ever turned into colours: 40 megapixels
// of them would take 160 MB.

const ENOUGH = 0.7; // pixels of the picture for one of the screen: fewer would be seen

class Film {
  constructor({ width, height, values }, kind = "values") {
    Object.assign(this, { width, height, values, kind, canvas: null, key: null, levels: [] });
    this.crop = { key: null, canvas: null };
  }

  // The original; from it every coarser level, each half of the one before.
  develop({ width, height, values }) {
    this.levels = [{ width, height, values, step: 1 }];
    for (let last = this.levels[0]; last.width > 2 * this.width; ) {
      last = halved(last);
      this.levels.push(last);
    }
  }

  get original() { return this.levels[0] ?? null; }

  // The whole picture at its small size.
  shown(greys) {
    if (this.key !== greys.key) {
      this.key = greys.key;
      this.canvas = coloured(this, 0, 0, this.width, this.height, greys.table(this.kind), this.canvas);
    }
    return this.canvas;
  }

  // Draw the picture at `place`, of which [0, width] x [0, height] can be seen. `ratio`: pixels of
  // the screen in one of the canvas; `quick`: while a hand is changing the window.
  draw(context, greys, place, { width, height }, ratio, quick = false) {
    context.drawImage(this.shown(greys), place.left, place.top, place.width, place.height);
    const level = quick ? null : this.level(place.width * ratio);
    if (!level) return false;
    const { width: across, height: down } = this.original;
    const pixel = { x: (place.width / across) * level.step, y: (place.height / down) * level.step };
    const left = Math.max(0, Math.floor(-place.left / pixel.x));
    const top = Math.max(0, Math.floor(-place.top / pixel.y));
    const right = Math.min(level.width, Math.ceil((width - place.left) / pixel.x));
    const bottom = Math.min(level.height, Math.ceil((height - place.top) / pixel.y));
    if (right <= left || bottom <= top) return false;
    const key = [greys.key, level.step, left, top, right, bottom].join(" ");
    if (this.crop.key !== key) {
      this.crop.canvas = coloured(
        level, left, top, right - left, bottom - top, greys.table(this.kind), this.crop.canvas);
      this.crop.key = key;
    }
    let x = place.left + left * pixel.x, y = place.top + top * pixel.y;
    // One on one, half a pixel aside would make a blur of what is finest.
    const exact = Math.abs(pixel.x * ratio - 1) < 1e-4 && Math.abs(pixel.y * ratio - 1) < 1e-2;
    if (exact) [x, y] = [x, y].map((at) => Math.round(at * ratio) / ratio);
    context.imageSmoothingEnabled = !exact;
    context.drawImage(this.crop.canvas, x, y,
      exact ? (right - left) / ratio : (right - left) * pixel.x,
      exact ? (bottom - top) / ratio : (bottom - top) * pixel.y);
    context.imageSmoothingEnabled = true;
    return true;
  }

  // The coarsest level that is fine enough for a picture as wide as that on the screen; null where
  // the small picture is.
  level(across) {
    if (!this.original || this.width >= across) return null;
    return this.levels.findLast((level) => level.width >= ENOUGH * across) ?? this.original;
  }
}

function coloured({ width: stride, values }, left, top, width, height, table, canvas) {
  const made = canvas ?? document.createElement("canvas");
  if (made.width !== width) made.width = width;
  if (made.height !== height) made.height = height;
  const context = made.getContext("2d"), image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  for (let y = 0, to = 0; y < height; y++) {
    let from = (top + y) * stride + left;
    for (const end = to + width; to < end; to++, from++) pixels[to] = table[values[from]];
  }
  context.putImageData(image, 0, 0);
  return made;
}

function halved({ width, height, values, step }) {
  const across = Math.ceil(width / 2), down = Math.ceil(height / 2);
  const half = new values.constructor(across * down);
  for (let y = 0, to = 0; y < down; y++) {
    const upper = 2 * y * width, lower = Math.min(2 * y + 1, height - 1) * width;
    for (let x = 0; x < across; x++, to++) {
      const a = 2 * x, b = Math.min(a + 1, width - 1);
      half[to] = (values[upper + a] + values[upper + b] + values[lower + a] + values[lower + b] + 2) >> 2;
    }
  }
  return { width: across, height: down, values: half, step: 2 * step };
}
