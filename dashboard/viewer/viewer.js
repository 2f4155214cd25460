// One X-ray with what explanations say of it: the only viewer of the project.
//
// Called by Streamlit at mount and at every change of `data` (made by __init__.py):
//   picture, width, height, base, label   the picture's name, size, data URL and description
//   grids     {id: {size, count, labels}} label maps, uint16 as base64
//   parts     {grid, filled} what can be hidden and what takes its place, or null
//   layers    [{id, stamp, title, grid, weights, margins, evidence, heat, limit, words}]
//   look      {palette, gradient, for, against}
//   answer    what the model says without what is hidden, "" while nothing is
//   asked     "", "mask" or "heat": what is on when the picture is first seen
//   busy, stops, tools   whether layers are on their way; how often that was stopped; counterfactuals
// It sends `wanted` when an overlay is asked for that is not there, and reports `settings` and
// `altered` once they have settled. Everything else happens here and asks the server nothing.

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".viewer");
  if (!root) return;
  const viewer = root.viewer ?? (root.viewer = new Viewer(root));
  viewer.report = setStateValue;
  viewer.trigger = setTriggerValue;
  viewer.show(data);
  const away = (event) => {
    if (!event.composedPath().includes(root)) viewer.reporter.now();
  };
  document.addEventListener("pointerdown", away, true);
  return () => {
    document.removeEventListener("pointerdown", away, true);
    viewer.reporter.stop();
  };
}

class Viewer {
  constructor(root) {
    this.root = root;
    this.frame = root.querySelector(".frame");
    this.panes = [...root.querySelectorAll(".pane")];
    this.canvases = this.panes.map((pane) => pane.querySelector("canvas"));
    this.handle = root.querySelector(".handle");
    this.base = new Image();
    this.base.onload = () => this.draw();
    this.grids = new Map();
    this.layers = [];
    this.mode = this.pointed = this.cursor = this.draft = null;
    this.reporter = new Reporter((name, value) => this.report(name, value), {});
    this.controls = new Controls(this);
    this.pointer = new Pointer(this);
    new ResizeObserver(() => this.draw()).observe(this.frame);
    root.onpointerleave = () => this.reporter.now();
    root.addEventListener("focusout", ({ relatedTarget }) => {
      if (!root.contains(relatedTarget)) this.reporter.now();
    });
  }

  show(data) {
    const stopped = this.data && this.data.picture === data.picture && data.stops > this.data.stops;
    if (this.data?.picture !== data.picture) {
      this.mode = this.pointed = this.cursor = null;
      this.controls.tip(null);
    }
    this.data = data;
    this.kept = remembered(data.picture, data.asked);
    if (stopped) Object.assign(this.on, { mask: false, heat: false });
    if (this.base.src !== data.base) this.base.src = data.base;
    this.look = { ...data.look, palette: decode(data.look.palette) };
    this.grids = new Map(Object.entries(data.grids).map(
      ([id, grid]) => [id, this.grids.get(id) ?? new Grid(grid)]));
    this.layers = data.layers.map((layer) =>
      this.layers.find((one) => one.stamp === layer.stamp && one.id === layer.id)
        ?? new Layer(layer, this.grids.get(layer.grid)));
    this.showParts(data.parts);
    this.frame.style.setProperty("--aspect", data.width / data.height);
    Object.assign(this.root.dataset, { picture: data.picture, width: data.width, height: data.height,
      layers: this.layers.map((layer) => layer.id).join(" "), busy: data.busy });
    this.changed();
  }

  showParts(parts) {
    if (!parts) this.parts = null;
    else if (this.parts?.stamp !== parts.stamp) {
      const grid = this.grids.get(parts.grid);
      this.parts = { stamp: parts.stamp, id: parts.grid, grid,
        filled: filledCanvas(grid.size, decode(parts.filled)) };
    }
    // Superpixels of another segmentation are other parts of the picture.
    if (this.parts && this.altered.parts !== this.parts.id) {
      Object.assign(this.altered, { parts: this.parts.id, superpixels: [] });
    }
  }

  get view() { return this.kept.view; }
  get on() { return this.kept.on; }
  get altered() { return this.kept.altered; }
  get focused() { return this.frame.contains(this.frame.getRootNode().activeElement); }

  // Which layer a place shows: its id, or "alone".
  shownIn(name) {
    const ids = this.layers.map((layer) => layer.id), chosen = settings[name];
    if (chosen === "alone" || ids.includes(chosen)) return chosen;
    const suits = { source: ids[0], left: ids.length > 1 ? ids[0] : "alone",
      right: ids.length > 1 ? ids[1] : ids[0] };
    return suits[name] ?? "alone";
  }

  get places() { return settings.layout === "one" ? ["source"] : ["left", "right"]; }

  layerIn(name) { return this.layers.find((layer) => layer.id === this.shownIn(name)) ?? null; }

  // The layers on the screen, each once.
  get visible() { return [...new Set(this.places.map((name) => this.layerIn(name)))].filter(Boolean); }

  toggle(name) {
    this.on[name] = !this.on[name];
    const asks = this.on[name] && name !== "outlines";
    if (asks && !this.layers.length && !this.data.busy) this.trigger("wanted", name);
    this.changed();
  }

  set(name, value) {
    settings[name] = value;
    if (["layout", "source", "left", "right"].includes(name)) this.point(null);
    this.changed();
  }

  setMode(mode) {
    this.mode = this.mode === mode ? null : mode;
    if (this.mode !== "hide") this.cursor = null;
    this.point(null);
    this.changed();
  }

  // After any change but one of zoom: draw, and tell the server when the hand rests.
  changed() {
    this.controls.refresh();
    this.draw();
    const { picture } = this.data;
    const shown = Object.fromEntries(
      ["source", "left", "right"].map((name) => [name, this.shownIn(name)]));
    // Nothing is told before something is on: the server takes that for granted.
    if (Object.values(this.on).some(Boolean) || this.reporter.told.settings) {
      this.reporter.settle("settings", { picture, ...settings, ...shown, ...this.on });
    }
    const { superpixels, rectangles, parts } = this.altered;
    const none = !superpixels.length && !rectangles.length;
    if (!none || this.reporter.told.altered) {
      this.reporter.settle("altered", { picture, parts, superpixels, rectangles }, 60);
    }
  }

  // Zoom by `factor` so that the point under the pointer stays where it is.
  zoomBy(factor, at) {
    const { u, v } = at ? this.inPane(at) : { u: 0.5, v: 0.5 };
    const zoom = Math.max(1, Math.min(LARGEST_ZOOM, this.view.zoom * factor));
    const ratio = zoom / this.view.zoom;
    this.view.x = u - 0.5 - (u - 0.5 - this.view.x) * ratio;
    this.view.y = v - 0.5 - (v - 0.5 - this.view.y) * ratio;
    this.view.zoom = zoom;
    this.moved();
  }

  moveBy(dx, dy) {
    const box = this.canvases[0].getBoundingClientRect();
    this.view.x += dx / box.width;
    this.view.y += dy / box.height;
    this.moved();
  }

  fit() {
    Object.assign(this.view, { zoom: 1, x: 0, y: 0 });
    this.moved();
  }

  moved() {
    const reach = (this.view.zoom - 1) / 2; // the picture must not leave its frame
    for (const axis of ["x", "y"]) {
      this.view[axis] = Math.max(-reach, Math.min(reach, this.view[axis]));
    }
    this.point(null);
    this.controls.refresh();
    this.draw();
  }

  swipeTo(share) {
    this.set("swipe", Math.max(0, Math.min(1, share)));
  }

  // Where an event is, in shares of its pane and of the picture.
  inPane({ target, clientX, clientY }) {
    const box = target.getBoundingClientRect();
    return { u: (clientX - box.left) / box.width, v: (clientY - box.top) / box.height };
  }

  share(event) {
    const { u, v } = this.inPane(event), { zoom, x, y } = this.view;
    return { u: (u - 0.5 - x) / zoom + 0.5, v: (v - 0.5 - y) / zoom + 0.5 };
  }

  // Follow the pointer: the superpixel under it, with its weight; null when it is gone.
  point(event) {
    const before = this.pointed;
    this.pointed = null;
    let layer = null;
    if (event) {
      const { u, v } = this.share(event);
      layer = this.on.mask || this.on.heat || this.on.outlines ? this.layerUnder(event) : null;
      const grid = this.mode === "hide" ? this.parts?.grid : layer?.grid;
      if (grid) this.pointed = { grid, superpixel: grid.at(u, v) };
      if (layer) this.controls.tip(layer, layer.grid.at(u, v), event);
    }
    if (!layer) this.controls.tip(null);
    const same = before?.superpixel === this.pointed?.superpixel && before?.grid === this.pointed?.grid;
    if (!same) this.draw();
  }

  layerUnder(event) {
    if (settings.layout === "one") return this.layerIn("source");
    const right = settings.layout === "swipe"
      ? this.inPane(event).u > settings.swipe : event.target === this.canvases[1];
    return this.layerIn(right ? "right" : "left");
  }

  click(event) {
    this.frame.focus({ preventScroll: true });
    if (this.mode === "hide" && this.parts) {
      const { u, v } = this.share(event);
      this.hide(this.parts.grid.at(u, v));
    } else {
      this.point(event);
    }
  }

  hide(superpixel) {
    const hidden = new Set(this.altered.superpixels);
    if (!hidden.delete(superpixel)) hidden.add(superpixel);
    this.altered.superpixels = [...hidden].sort((a, b) => a - b);
    this.changed();
  }

  // Choose superpixels by keyboard: the strongest first where there is an explanation of them.
  step(by) {
    if (!this.parts) return;
    const { grid } = this.parts;
    const order = this.layers.find((layer) => layer.grid === grid)?.order
      ?? Array.from({ length: grid.count }, (_, i) => i);
    const at = this.cursor ? order.indexOf(this.cursor.superpixel) : by > 0 ? -1 : 0;
    this.cursor = { grid, superpixel: order[(at + by + order.length) % order.length] };
    this.draw();
  }

  hideCursor() {
    if (this.cursor) this.hide(this.cursor.superpixel);
  }

  keep(rectangle) {
    // A reader's region is one; blanked rectangles add up.
    this.altered.rectangles = this.altered.rectangles
      .filter((one) => rectangle.kind === "blank" || one.kind === "blank").concat(rectangle);
    this.changed();
  }

  reset() {
    Object.assign(this.altered, { superpixels: [], rectangles: [] });
    this.changed();
  }

  draw() {
    if (this.due) return;
    this.due = requestAnimationFrame(() => {
      this.due = null;
      this.drawNow();
    });
  }

  drawNow() {
    const side = settings.layout === "side", swipe = settings.layout === "swipe";
    const { zoom, x, y } = this.view;
    this.frame.classList.toggle("side", side);
    this.frame.classList.toggle("zoomed", zoom > 1);
    this.frame.dataset.mode = this.mode ?? "";
    this.panes[1].hidden = !side;
    this.handle.hidden = !swipe;
    this.handle.style.left = `${100 * settings.swipe}%`;
    this.handle.setAttribute("aria-valuenow", Math.round(100 * settings.swipe));
    const first = this.canvases[0];
    if (side) {
      this.paintPane(first, "left");
      this.paintPane(this.canvases[1], "right");
    } else if (swipe) {
      this.paintPane(first, "left");
      this.paintPane(first, "right", settings.swipe);
    } else {
      this.paintPane(first, "source");
    }
    this.name(side, swipe);
    Object.assign(this.root.dataset, {
      zoom: zoom.toFixed(3), at: `${x.toFixed(3)} ${y.toFixed(3)}`, layout: settings.layout,
      drawn: Number(this.root.dataset.drawn ?? 0) + 1,
    });
  }

  // Draw one pane, or of it what lies right of the share `from`.
  paintPane(canvas, name, from = 0) {
    const { clientWidth: width, clientHeight: height } = canvas, ratio = devicePixelRatio || 1;
    const context = canvas.getContext("2d"), { zoom, x, y } = this.view;
    if (!from) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.save();
    context.beginPath();
    context.rect(from * width, 0, width, height);
    context.clip();
    // On the left of two stays the picture as it is, to compare with.
    const original = name === "left" && this.shownIn(name) === "alone";
    const layer = this.layerIn(name);
    const outlined = layer?.grid ?? (settings.layout === "one" ? this.parts?.grid : null);
    paint(context, {
      base: this.base, layer, outlined, parts: this.parts, look: this.look,
      settings, on: this.on, altered: original ? null : this.altered,
      pointed: this.pointed, cursor: this.cursor, draft: this.draft,
    }, {
      left: width * (0.5 - zoom / 2 + x), top: height * (0.5 - zoom / 2 + y),
      width: width * zoom, height: height * zoom,
    });
    context.restore();
  }

  // Say in words what each pane shows.
  name(side, swipe) {
    const tags = this.root.querySelectorAll(".tag");
    const said = (name) => this.layerIn(name)?.title ?? "Picture alone";
    const several = side || swipe;
    tags[0].textContent = several ? said("left")
      : this.layers.length > 1 && (this.on.mask || this.on.heat) ? said("source") : "";
    tags[1].textContent = swipe ? said("right") : "";
    tags[2].textContent = side ? said("right") : "";
    this.root.querySelector(".answer").textContent = this.data.answer;
    const drawn = ["mask", "heat", "outlines"].filter((layer) => this.on[layer]);
    const wordsOf = (name) => [this.data.label, said(name), ...drawn].join(", ");
    this.frame.setAttribute("aria-label", `${this.data.label}. Press ? for the keys.`);
    this.canvases[0].setAttribute("aria-label", wordsOf(several ? "left" : "source"));
    this.canvases[1].setAttribute("aria-label", wordsOf("right"));
  }
}
