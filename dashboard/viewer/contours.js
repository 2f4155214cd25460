// Superpixels as smooth closed lines: the same smoothing as pipeline/explain/overlay.py, whose
// exported pictures must look like the screen. Coordinates are those of the network's grid.

const SOFT_REACH = 4; // pixels, of a Gaussian with sigma 1
const RIM = SOFT_REACH + 1;
const INSET = 0.3; // keeps lines along the picture's edge inside of it
const GAUSSIAN = (() => {
  const weights = [];
  for (let i = -SOFT_REACH; i <= SOFT_REACH; i++) weights.push(Math.exp(-i * i / 2));
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / sum);
})();

// The label map of one segmentation. Its lines are traced when first asked for, and kept.
class Grid {
  constructor({ size, count, labels }) {
    this.size = size;
    this.count = count;
    this.labels = new Uint16Array(decode(labels).buffer);
    this.boxes = Array.from({ length: count }, () => [size, size, 0, 0]);
    this.paths = new Map();
    this.middles = new Map();
    for (let y = 0, i = 0; y < size; y++) {
      for (let x = 0; x < size; x++, i++) {
        const box = this.boxes[this.labels[i]];
        if (x < box[0]) box[0] = x;
        if (y < box[1]) box[1] = y;
        if (x > box[2]) box[2] = x;
        if (y > box[3]) box[3] = y;
      }
    }
  }

  // The superpixel at shares (u, v) of the picture.
  at(u, v) {
    const place = (share) => Math.max(0, Math.min(this.size - 1, Math.floor(share * this.size)));
    return this.labels[place(v) * this.size + place(u)];
  }

  // A place well within one superpixel, for its number: the pixel farthest from its border. In
  // shares of the picture.
  middle(superpixel) {
    if (!this.middles.has(superpixel)) this.middles.set(superpixel, this.deepest(superpixel));
    return this.middles.get(superpixel);
  }

  deepest(superpixel) {
    const { size, labels } = this, [left, top, right, bottom] = this.boxes[superpixel];
    const width = right - left + 3, height = bottom - top + 3; // with a rim that is outside
    const far = new Uint16Array(width * height);
    const sweep = (y, x, step) => {
      const i = y * width + x, at = (y + top - 1) * size + x + left - 1;
      if (labels[at] !== superpixel) return;
      const before = Math.min(far[i - step], far[i - step * width]) + 1;
      far[i] = step > 0 ? before : Math.min(far[i], before);
    };
    for (let y = 1; y < height - 1; y++) for (let x = 1; x < width - 1; x++) sweep(y, x, 1);
    for (let y = height - 2; y > 0; y--) for (let x = width - 2; x > 0; x--) sweep(y, x, -1);
    const best = far.reduce((found, value, i) => (value > far[found] ? i : found), 0);
    return {
      u: ((best % width) + left - 0.5) / size, v: (Math.floor(best / width) + top - 0.5) / size,
    };
  }

  // A Path2D around one superpixel: a little inside its border at level 0.6, on it at 0.5.
  path(superpixel, level = 0.6) {
    const key = `${superpixel} ${level}`;
    if (!this.paths.has(key)) this.paths.set(key, this.trace(superpixel, level));
    return this.paths.get(key);
  }

  trace(superpixel, level) {
    const { size, labels } = this;
    const [left, top, right, bottom] = this.boxes[superpixel];
    const width = right - left + 1 + 2 * RIM, height = bottom - top + 1 + 2 * RIM;
    const x0 = left - RIM, y0 = top - RIM;
    const within = (i) => Math.max(0, Math.min(size - 1, i));
    const raw = new Float32Array(width * height);
    for (let y = 0; y < height; y++) {
      const row = within(y + y0) * size;
      for (let x = 0; x < width; x++) {
        raw[y * width + x] = labels[row + within(x + x0)] === superpixel ? 1 : 0;
      }
    }
    const soft = softened(raw, width, height);
    // What is too thin to survive the smoothing is drawn as it is.
    const field = soft.some((value) => value > level) ? soft : raw;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        // Outside of the picture there is nothing, which closes lines at its edge.
        const outside = x + x0 < 0 || y + y0 < 0 || x + x0 >= size || y + y0 >= size;
        if (outside) field[y * width + x] = 0;
      }
    }
    const path = new Path2D();
    const clip = (value) => Math.max(INSET, Math.min(size - INSET, value));
    for (const line of closedLines(field, width, height, level)) {
      line.forEach(([x, y], i) => {
        const point = [clip(x + x0 + 0.5), clip(y + y0 + 0.5)];
        if (i) path.lineTo(...point);
        else path.moveTo(...point);
      });
      path.closePath();
    }
    return path;
  }
}

function softened(field, width, height) {
  const across = new Float32Array(field.length), both = new Float32Array(field.length);
  const pass = (from, to, step, length, start) => {
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let j = -SOFT_REACH; j <= SOFT_REACH; j++) {
        const at = Math.max(0, Math.min(length - 1, i + j));
        sum += GAUSSIAN[j + SOFT_REACH] * from[start + at * step];
      }
      to[start + i * step] = sum;
    }
  };
  for (let y = 0; y < height; y++) pass(field, across, 1, width, y * width);
  for (let x = 0; x < width; x++) pass(across, both, width, height, x);
  return both;
}

// Marching squares. Every crossing of an edge ends a piece in one cell and starts one in the next,
// so that following the pieces closes every line.
function closedLines(field, width, height, level) {
  const next = new Map(), place = new Map();
  for (let y = 0; y + 1 < height; y++) {
    for (let x = 0; x + 1 < width; x++) {
      const i = y * width + x;
      const values = [field[i], field[i + 1], field[i + width + 1], field[i + width]];
      const inside = values.map((value) => value > level);
      if (inside.every((one) => one === inside[0])) continue;
      const edges = [2 * i, 2 * (i + 1) + 1, 2 * (i + width), 2 * i + 1];
      const corners = [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1]];
      for (let e = 0; e < 4; e++) {
        const f = (e + 1) % 4;
        if (inside[e] === inside[f]) continue;
        const share = (level - values[e]) / (values[f] - values[e]);
        place.set(edges[e], [0, 1].map(
          (axis) => corners[e][axis] + share * (corners[f][axis] - corners[e][axis])));
        if (inside[e]) continue;
        let end = f;
        while (!(inside[end] && !inside[(end + 1) % 4])) end = (end + 1) % 4;
        next.set(edges[e], edges[end]);
      }
    }
  }
  const lines = [];
  while (next.size) {
    const line = [];
    let edge = next.keys().next().value;
    while (next.has(edge)) {
      line.push(place.get(edge));
      const after = next.get(edge);
      next.delete(edge);
      edge = after;
    }
    lines.push(line);
  }
  return lines;
}

function decode(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
