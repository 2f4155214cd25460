// Window and level: which values of the picture are shown from black to white. What is kept for a
// picture is {low, high, invert}; `low` and `high` are null while the default window is on.

const WIDTH_PER_PX = 1 / 300; // of the default window's width, for each pixel of a drag

class Greys {
  // windows: [{name, low, high}], the first is the default; top: the largest value there is.
  constructor(windows, top, kept) {
    Object.assign(this, { windows, top, kept });
    this.tables = new Map();
  }

  get low() { return this.kept.low ?? this.windows[0].low; }
  get high() { return this.kept.high ?? this.windows[0].high; }
  get centre() { return (this.low + this.high) / 2; }
  get width() { return this.high - this.low; }
  get key() { return `${this.low} ${this.high} ${this.kept.invert}`; }

  // Index of the preset that is on; -1 for a window of the reader's own.
  get preset() {
    return this.windows.findIndex(({ low, high }) => low === this.low && high === this.high);
  }

  choose(index) {
    const { low, high } = this.windows[index];
    Object.assign(this.kept, index ? { low, high } : { low: null, high: null });
  }

  // Change width and centre by shares of the default window's width.
  adjust(wider, darker) {
    const unit = this.windows[0].high - this.windows[0].low;
    const width = Math.max(1, Math.min(4 * Math.max(unit, this.top), this.width + wider * unit));
    const centre = Math.max(0, Math.min(this.top, this.centre + darker * unit));
    Object.assign(this.kept, { low: centre - width / 2, high: centre + width / 2 });
  }

  shade(value) {
    const share = Math.max(0, Math.min(1, (value - this.low) / (this.high - this.low)));
    const grey = Math.round(255 * share);
    return this.kept.invert ? 255 - grey : grey;
  }

  // What each value looks like, as opaque RGBA in one number. Of "judged" pixels, which the model
  // saw in 8 bits through the default window, 0 to 255 stand for that window's values.
  table(kind) {
    const made = this.tables.get(kind);
    if (made?.key === this.key) return made.table;
    const [{ low, high }] = this.windows, count = kind === "judged" ? 256 : this.top + 1;
    const table = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const grey = this.shade(kind === "judged" ? low + (i / 255) * (high - low) : i);
      table[i] = 0xff000000 | (grey * 0x010101);
    }
    this.tables.set(kind, { key: this.key, table });
    return table;
  }
}
