// One X-ray with what explanations say of it: the only viewer of the project.
//
// Called by Streamlit at mount and at every change of `data` (made by payload.py):
//   picture, scene        names: of the picture, and of the occasion on which it is seen
//   width, height, full   the size that is shown, and [width, height] of the original
//   spacing, top, windows [between rows, between columns] in mm or null; the largest value;
//                         [{name, low, high}], the first is the default
//   label     what is shown, for a screen reader
//   grids     {id: {size, count, labels}} label maps, uint16 as base64
//   parts     {grid, filled} what can be hidden and what takes its place, or null
//   layers    [{id, stamp, title, grid, weights, margins, evidence, heat, limit, words}]
//   look      {palette, gradient, for, against}
//   words     {plain, changed, about} of a picture as it was judged, or opened
//   answer    what the model says without what is hidden, "" while nothing is
//   asked     "", "mask" or "heat": what is on when the picture is first seen in this scene
//   marks, locked, numbered   rectangles that are there then; whether they stay; numbers on superpixels
//   busy, stops, tools   whether layers are on their way; how often that was stopped; "hide", "regions"
// The picture's values come by pixels.js. It sends `wanted` when an overlay is asked for that is not
// there, `full` while it waits for the original, and reports `settings` and `altered` once they have
// settled. Everything else happens here and asks the server nothing.

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
  const came = ({ detail }) => detail === viewer.data.picture && viewer.developed();
  document.addEventListener("pointerdown", away, true);
  document.addEventListener("xray-pixels", came);
  return () => {
    document.removeEventListener("pointerdown", away, true);
    document.removeEventListener("xray-pixels", came);
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
    this.grids = new Map();
    this.layers = [];
    this.film = this.mode = this.pointed = this.cursor = null;
    this.sight = new Sight(this);
    this.marks = new Marks(this);
    this.stage = new Stage(this);
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
    const same = this.data?.picture === data.picture && this.data?.scene === data.scene;
    const stopped = same && data.stops > this.data.stops;
    if (!same) {
      this.mode = this.pointed = this.cursor = this.film = null;
      this.sight.waits = false;
      this.marks.forget();
      this.controls.tip(null);
    }
    this.data = data;
    this.kept = remembered(data);
    this.view = new View(this.kept.view, this.canvases[0], data.full);
    this.greys = new Greys(data.windows, data.top, this.kept.greys);
    this.scale = new Scale(data.full, data.spacing);
    if (stopped) Object.assign(this.on, { mask: false, heat: false });
    if (this.mode && !this.offers(this.mode)) this.mode = null;
    this.look = { ...data.look, palette: decode(data.look.palette) };
    this.grids = new Map(Object.entries(data.grids).map(
      ([id, grid]) => [id, this.grids.get(id) ?? new Grid(grid)]));
    this.layers = data.layers.map((layer) =>
      this.layers.find((one) => one.stamp === layer.stamp && one.id === layer.id)
        ?? new Layer(layer, this.grids.get(layer.grid)));
    this.showParts(data.parts);
    Object.assign(this.root.dataset, { picture: data.picture, width: data.width, height: data.height,
      layers: this.layers.map((layer) => layer.id).join(" "), busy: data.busy });
    this.developed();
    this.changed();
  }

  // Take what has come of the picture's values.
  developed() {
    const come = globalThis[Symbol.for("xray pixels")]?.get(this.data.picture);
    if (come?.shown && this.film?.values !== come.shown.values) this.film = new Film(come.shown);
    if (come?.full && this.film && this.film.original?.values !== come.full.values) {
      this.film.develop(come.full);
    }
    this.sight.arrived();
    this.controls.refresh();
    this.draw();
  }

  showParts(parts) {
    if (!parts) this.parts = null;
    else if (this.parts?.stamp !== parts.stamp) {
      const grid = this.grids.get(parts.grid);
      const filled = { width: grid.size, height: grid.size, values: decode(parts.filled) };
      this.parts = { stamp: parts.stamp, id: parts.grid, grid, filled: new Film(filled, "judged") };
    }
    // Superpixels of another segmentation are other parts of the picture.
    if (this.parts && this.altered.parts !== this.parts.id) {
      Object.assign(this.altered, { parts: this.parts.id, superpixels: [] });
    }
  }

  get on() { return this.kept.on; }
  get altered() { return this.kept.altered; }
  get focused() { return this.frame.contains(this.frame.getRootNode().activeElement); }

  // Whether a mode or an overlay is on offer here: a blind reading has nothing of the model.
  offers(what) {
    const { tools, locked, layers, busy } = this.data;
    if (["hide", "blank"].includes(what)) return tools.includes("hide");
    if (what === "region") return tools.includes("regions") && !locked;
    if (what === "overlays") return tools.includes("hide") || layers.length > 0 || busy;
    return true;
  }

  get layout() { return this.offers("overlays") ? settings.layout : "one"; }

  // Which layer a place shows: its id, or "alone".
  shownIn(name) {
    const ids = this.layers.map((layer) => layer.id), chosen = settings[name];
    if (chosen === "alone" || ids.includes(chosen)) return chosen;
    const suits = { source: ids[0], left: ids.length > 1 ? ids[0] : "alone",
      right: ids.length > 1 ? ids[1] : ids[0] };
    return suits[name] ?? "alone";
  }

  get places() { return this.layout === "one" ? ["source"] : ["left", "right"]; }

  layerIn(name) { return this.layers.find((layer) => layer.id === this.shownIn(name)) ?? null; }

  // The layers on the screen, each once.
  get visible() { return [...new Set(this.places.map((name) => this.layerIn(name)))].filter(Boolean); }

  toggle(name) {
    this.on[name] = !this.on[name];
    const asks = this.on[name] && name !== "outlines" && this.offers("hide");
    if (asks && !this.layers.length && !this.data.busy) this.trigger("wanted", name);
    this.changed();
  }

  set(name, value) {
    settings[name] = value;
    if (["layout", "source", "left", "right"].includes(name)) this.point(null);
    this.changed();
  }

  setMode(mode) {
    this.mode = this.mode === mode || !this.offers(mode) ? null : mode;
    if (this.mode !== "hide") this.cursor = null;
    this.marks.draft = null;
    this.point(null);
    this.changed();
  }

  // After any change but one of sight: draw, and tell the server when the hand rests.
  changed() {
    this.controls.refresh();
    this.draw();
    const { picture, scene, marks } = this.data;
    const shown = Object.fromEntries(
      ["source", "left", "right"].map((name) => [name, this.shownIn(name)]));
    // Nothing is told before something is on: the server takes that for granted.
    if (Object.values(this.on).some(Boolean) || this.reporter.told.settings) {
      this.reporter.settle("settings",
        { picture, scene, ...settings, layout: this.layout, ...shown, ...this.on });
    }
    const { superpixels, rectangles, parts } = this.altered;
    const begun = marks.map((mark) => ({ kind: "region", ...mark }));
    const none = !superpixels.length && JSON.stringify(rectangles) === JSON.stringify(begun);
    if (!none || this.reporter.told.altered) {
      this.reporter.settle("altered", { picture, scene, parts, superpixels, rectangles }, 60);
    }
  }

  swipeTo(share) {
    this.set("swipe", Math.max(0, Math.min(1, share)));
  }

  // Follow the pointer: the superpixel under it, with its weight; null when it is gone.
  point(event) {
    const before = this.pointed;
    this.pointed = null;
    let layer = null;
    if (event) {
      const { u, v } = this.view.share(event);
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
    if (this.layout === "one") return this.layerIn("source");
    const right = this.layout === "swipe"
      ? this.view.inPane(event).u > settings.swipe : event.target === this.canvases[1];
    return this.layerIn(right ? "right" : "left");
  }

  click(event) {
    this.frame.focus({ preventScroll: true });
    const place = this.view.share(event), mark = this.marks.at(place);
    if (this.mode === "hide" && this.parts) {
      this.hide(this.parts.grid.at(place.u, place.v));
    } else {
      if (mark || this.marks.chosen) this.marks.choose(mark);
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

  draw() {
    this.stage.draw();
  }
}
