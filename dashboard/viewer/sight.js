// What a reader does to see better: zoom, move, turn, window, full resolution. The server is told
// nothing of it, except that the original is wanted. Works on a Viewer.

class Sight {
  constructor(viewer) {
    this.viewer = viewer;
    this.quick = false; // while a hand is changing the window
    this.waits = false; // for the original
  }

  moved() {
    this.viewer.point(null);
    this.wantFull();
    this.viewer.controls.refresh();
    this.viewer.draw();
  }

  zoomBy(factor, at) {
    const { view } = this.viewer;
    view.zoomTo(view.kept.zoom * factor, at ? view.inPane(at) : { u: 0.5, v: 0.5 });
    this.moved();
  }

  moveBy(dx, dy) {
    this.viewer.view.moveBy(dx, dy);
    this.moved();
  }

  fit() {
    this.viewer.view.fit();
    this.moved();
  }

  // One pixel of the original on one of the screen; the whole picture where it is so already.
  whole() {
    const { view } = this.viewer;
    if (Math.abs(view.kept.zoom / view.whole - 1) < 0.01) view.fit();
    else view.zoomTo(view.whole, { u: 0.5, v: 0.5 });
    this.moved();
  }

  turn() {
    this.viewer.view.turn();
    this.moved();
  }

  // Window and level; `quick` while a drag goes on.
  adjust(wider, darker, quick = false) {
    this.quick = quick;
    this.viewer.greys.adjust(wider, darker);
    this.moved();
  }

  preset(index) {
    this.viewer.greys.choose(index);
    this.moved();
  }

  invert() {
    const { greys } = this.viewer.kept;
    greys.invert = !greys.invert;
    this.moved();
  }

  // Grey values and orientation as the picture was opened, which is as it was judged.
  asOpened() {
    const { greys, kept } = this.viewer;
    greys.choose(0);
    kept.greys.invert = false;
    kept.view.turns = 0;
    this.moved();
  }

  // What of that was changed.
  get changes() {
    const { greys, kept } = this.viewer;
    return [
      greys.preset !== 0 && "window", kept.greys.invert && "inverted",
      kept.view.turns !== 0 && "turned",
    ].filter(Boolean);
  }

  // How much of the original is there to be seen, in words.
  get resolution() {
    const { film, data } = this.viewer, [across, down] = data.full;
    if (!film) return "Loading the picture…";
    if (this.waits) return "Loading all its pixels…";
    return film.original || data.width >= across ? `${across} × ${down} pixels`
      : `${data.width} of ${across} pixels across; zoom in for all`;
  }

  // Ask for the original once the small picture's pixels are larger than the screen's.
  wantFull() {
    const { data, film, view } = this.viewer, ratio = devicePixelRatio || 1;
    if (this.waits || !film || film.original || data.width >= data.full[0]) return;
    if (view.kept.zoom <= 1 || view.size.width * view.kept.zoom * ratio <= data.width) return;
    this.waits = true;
    this.viewer.report("full", { picture: data.picture });
  }

  arrived() {
    if (!this.waits || !this.viewer.film?.original) return;
    this.waits = false;
    this.viewer.report("full", null);
  }
}
