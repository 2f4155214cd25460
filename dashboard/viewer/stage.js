// The panes as they are seen: one picture, two beside each other, or one over the other. Works on a
// Viewer.

class Stage {
  constructor(viewer) {
    this.viewer = viewer;
  }

  draw() {
    if (this.due) return;
    this.due = requestAnimationFrame(() => {
      this.due = null;
      this.drawNow();
    });
  }

  drawNow() {
    const { viewer } = this, { layout, frame, panes, handle, canvases, data } = viewer;
    const { zoom, x, y, turns } = viewer.kept.view, side = layout === "side";
    frame.style.setProperty("--aspect",
      turns % 2 ? data.height / data.width : data.width / data.height);
    frame.classList.toggle("side", side);
    frame.classList.toggle("zoomed", zoom > 1);
    frame.classList.toggle("held", Boolean(viewer.marks.held));
    frame.dataset.mode = viewer.mode ?? "";
    panes[1].hidden = !side;
    handle.hidden = layout !== "swipe";
    handle.style.left = `${100 * settings.swipe}%`;
    handle.setAttribute("aria-valuenow", Math.round(100 * settings.swipe));
    let original = false;
    if (side) {
      original = this.paintPane(canvases[0], "left");
      this.paintPane(canvases[1], "right");
    } else if (layout === "swipe") {
      original = this.paintPane(canvases[0], "left");
      this.paintPane(canvases[0], "right", settings.swipe);
    } else {
      original = this.paintPane(canvases[0], "source");
    }
    this.name();
    const { root, film, greys } = viewer;
    Object.assign(root.dataset, {
      zoom: zoom.toFixed(3), at: `${x.toFixed(3)} ${y.toFixed(3)}`, layout, turns,
      window: `${greys.low} ${greys.high}`, inverted: greys.kept.invert,
      pixels: !film ? "none" : original ? "original" : viewer.sight.waits ? "waiting" : "shown",
      drawn: Number(root.dataset.drawn ?? 0) + 1,
    });
  }

  // Draw one pane, or of it what lies right of the share `from`. Returns whether of the original.
  paintPane(canvas, name, from = 0) {
    const { clientWidth: width, clientHeight: height } = canvas, ratio = devicePixelRatio || 1;
    const { viewer } = this, { view, marks } = viewer, context = canvas.getContext("2d");
    if (!from) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.save();
    context.beginPath();
    context.rect(from * width, 0, width, height);
    context.clip();
    context.save();
    view.follow(context);
    // On the left of two stays the picture as it is, to compare with.
    const untouched = name === "left" && viewer.shownIn(name) === "alone";
    const layer = viewer.layerIn(name), { layout, on } = viewer;
    const outlined = layer?.grid ?? (layout === "one" ? viewer.parts?.grid : null);
    const original = paint(context, {
      film: viewer.film, greys: viewer.greys, quick: viewer.sight.quick,
      layer, outlined, parts: viewer.parts, look: viewer.look, settings, on,
      altered: untouched ? null : viewer.altered, pointed: viewer.pointed, cursor: viewer.cursor,
    }, view.place, view.size, ratio);
    context.restore();
    if (!untouched) annotate(context, { view, marks, scale: viewer.scale, numbers: this.numbers(layer) });
    context.restore();
    return original;
  }

  // Where the numbers of the highlighted superpixels stand.
  numbers(layer) {
    const { on, data } = this.viewer;
    if (!layer || !data.numbered || !(on.mask || on.heat)) return [];
    const { ranks } = layer;
    return layer.strongest(settings).map((superpixel) => (
      { place: layer.grid.middle(superpixel), text: `${ranks.get(superpixel)}` }));
  }

  // Say in words what each pane shows.
  name() {
    const { viewer } = this, { layout, layers, on, data, root, frame, canvases } = viewer;
    const tags = root.querySelectorAll(".tag"), several = layout !== "one";
    const said = (name) => viewer.layerIn(name)?.title ?? "Picture alone";
    tags[0].textContent = several ? said("left")
      : layers.length > 1 && (on.mask || on.heat) ? said("source") : "";
    tags[1].textContent = layout === "swipe" ? said("right") : "";
    tags[2].textContent = layout === "side" ? said("right") : "";
    root.querySelector(".answer").textContent = data.answer;
    const drawn = ["mask", "heat", "outlines"].filter((overlay) => on[overlay]);
    const marked = viewer.marks.regions.length ? [`${viewer.marks.regions.length} marked`] : [];
    const wordsOf = (name) => [
      data.label, ...(viewer.offers("overlays") ? [said(name)] : []), ...drawn,
      ...viewer.sight.changes, ...marked,
    ].join(", ");
    frame.setAttribute("aria-label", `${data.label}. Press ? for the keys.`);
    canvases[0].setAttribute("aria-label", wordsOf(several ? "left" : "source"));
    canvases[1].setAttribute("aria-label", wordsOf("right"));
  }
}
