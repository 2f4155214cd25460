// The numbers behind the lines: unpacking, smoothing, means over groups, what to draw of them.

// What Python sends: the length of a JSON, the JSON, and the float32 values of all runs behind it.
function unpacked(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const data = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  // A copy: typed arrays must begin at a multiple of their size.
  const values = new Float32Array(bytes.slice(4 + length).buffer);
  let place = 0;
  for (const run of data.runs) {
    run.values = values.subarray(place, place += run.columns.length * run.rows);
  }
  return data;
}

// The columns of one run: epoch, step, seconds, images, loss, val_loss, ...
class Table {
  constructor({ columns, rows, values, factors }) {
    this.rows = rows;
    this.columns = new Map(columns.map((name, i) => [name, values.subarray(i * rows, (i + 1) * rows)]));
    // Columns that only count epochs in another unit.
    for (const [name, factor] of Object.entries(factors)) {
      this.columns.set(name, this.columns.get("epoch").map((epoch) => epoch * factor));
    }
  }

  get(name) { return this.columns.get(name); }
}

// Debiased exponential moving average (Kingma, Ba 2015, section 3). What is missing stays missing
// and has no influence; a weight of 0 changes nothing.
function smooth(values, weight) {
  if (!weight) return values;
  const out = new Float32Array(values.length);
  let sum = 0, mass = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) { out[i] = NaN; continue; }
    sum = sum * weight + values[i];
    mass = mass * weight + 1;
    out[i] = sum / mass;
  }
  return out;
}

// A run minus another at the same epochs; missing where the other has none.
function minus(values, epochs, other, otherEpochs) {
  const at = new Map();
  otherEpochs.forEach((epoch, i) => at.set(epoch, other[i]));
  return values.map((value, i) => value - (at.get(epochs[i]) ?? NaN));
}

// Mean over the members of a group, epoch by epoch, and how far they lie apart.
//   members  [{epoch, x, y}]; x is averaged too: seconds differ from run to run
//   band     "minmax", "sd" or "ci"; t95[n - 1] is Student's factor for a mean of n
// Missing values do not count; n says how many did. Of one run there is no spread.
function averaged(members, band, t95) {
  const sums = new Map();
  for (const { epoch, x, y } of members) {
    for (let i = 0; i < y.length; i++) {
      const value = y[i];
      if (Number.isNaN(value)) continue;
      let at = sums.get(epoch[i]);
      if (!at) {
        sums.set(epoch[i], at = { n: 0, x: 0, mean: 0, squares: 0, low: Infinity, high: -Infinity });
      }
      // Welford 1962: subtracting the mean at every step loses no digits.
      const change = value - at.mean;
      at.n += 1;
      at.mean += change / at.n;
      at.squares += change * (value - at.mean);
      at.x += x[i];
      at.low = Math.min(at.low, value);
      at.high = Math.max(at.high, value);
    }
  }
  const epochs = [...sums.keys()].sort((a, b) => a - b);
  const made = (pick) => Float32Array.from(epochs, (epoch) => pick(sums.get(epoch)));
  const reach = (at) => {
    if (at.n < 2) return NaN;
    const sd = Math.sqrt(at.squares / (at.n - 1));
    return band === "sd" ? sd : t95[Math.min(at.n, t95.length) - 1] * sd / Math.sqrt(at.n);
  };
  const minmax = band === "minmax";
  return {
    epoch: Float32Array.from(epochs),
    x: made((at) => at.x / at.n),
    y: made((at) => at.mean),
    n: made((at) => at.n),
    low: made((at) => minmax ? (at.n > 1 ? at.low : NaN) : at.mean - reach(at)),
    high: made((at) => minmax ? (at.n > 1 ? at.high : NaN) : at.mean + reach(at)),
  };
}

// Smallest and largest of what is drawn; `clip` leaves out the outer 2 % on both sides.
function extent(lists, positiveOnly, clip) {
  let low = Infinity, high = -Infinity;
  const usable = (value) => Number.isFinite(value) && (!positiveOnly || value > 0);
  if (clip) {
    const all = [];
    for (const list of lists) for (const value of list) if (usable(value)) all.push(value);
    if (!all.length) return null;
    const sorted = Float32Array.from(all).sort();
    const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
    [low, high] = [at(0.02), at(0.98)];
  } else {
    for (const list of lists) {
      for (let i = 0; i < list.length; i++) {
        const value = list[i];
        if (value < low && usable(value)) low = value;
        if (value > high && usable(value)) high = value;
      }
    }
  }
  return low <= high ? [low, high] : null;
}

// The points of a line in pixels, [x, y, x, y, ...], broken by NaN. Of more points than columns of
// pixels the lowest and the highest of each column stay: no spike is lost.
function polyline(xs, ys, toX, toY) {
  const out = [];
  let column = null, low = 0, high = 0, last = 0;
  const flush = () => {
    if (column === null) return;
    out.push(column, low);
    if (high !== low) out.push(column, high);
    if (last !== high) out.push(column, last);
    column = null;
  };
  const dense = xs.length > 1
    && xs.length > 1.5 * Math.abs(toX(xs[xs.length - 1]) - toX(xs[0]));
  for (let i = 0; i < xs.length; i++) {
    const x = toX(xs[i]), y = toY(ys[i]);
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      // Missing: most figures are told once an epoch, others more often. A gap is bridged.
      continue;
    }
    if (!dense) { out.push(x, y); continue; }
    const at = Math.round(x);
    if (at !== column) { flush(); column = at; low = high = y; }
    low = Math.min(low, y);
    high = Math.max(high, y);
    last = y;
  }
  flush();
  return out;
}

// Index of the value of sorted `xs` closest to `x`.
function nearest(xs, x) {
  let low = 0, high = xs.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle] < x) low = middle; else high = middle;
  }
  return Math.abs(xs[low] - x) <= Math.abs(xs[high] - x) ? low : high;
}
