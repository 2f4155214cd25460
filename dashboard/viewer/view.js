// Zoom, position and quarter turns of the picture within its pane; the same for every pane.
// `x` and `y` are shares of the pane along the picture's own sides, so that the same anatomy stays
// in the middle when the picture is turned.

const LARGEST_ZOOM = 12;
const CLOSEST_PX = 4; // pixels of the screen for one of the original

class View {
  // kept: {zoom, x, y, turns}; canvas: of a pane; full: [width, height] of the original.
  constructor(kept, canvas, full) {
    Object.assign(this, { kept, canvas, full });
  }

  // The pane's size along the picture's own sides.
  get size() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    return this.kept.turns % 2 ? { width: height, height: width } : { width, height };
  }

  // At this zoom one pixel of the original is one of the screen.
  get whole() {
    return this.full[0] / Math.max(1, this.size.width) / (devicePixelRatio || 1);
  }

  zoomTo(zoom, { u, v }) {
    const { kept } = this;
    const next = Math.max(1, Math.min(Math.max(LARGEST_ZOOM, CLOSEST_PX * this.whole), zoom));
    const ratio = next / kept.zoom, at = turned({ u, v }, -kept.turns);
    kept.x = at.u - 0.5 - (at.u - 0.5 - kept.x) * ratio;
    kept.y = at.v - 0.5 - (at.v - 0.5 - kept.y) * ratio;
    kept.zoom = next;
    this.bound();
  }

  // By pixels of the page.
  moveBy(dx, dy) {
    const { kept, size } = this, step = turnedStep({ x: dx, y: dy }, -kept.turns);
    kept.x += step.x / size.width;
    kept.y += step.y / size.height;
    this.bound();
  }

  fit() {
    Object.assign(this.kept, { zoom: 1, x: 0, y: 0 });
  }

  turn(by = 1) {
    this.kept.turns = (this.kept.turns + by + 4) % 4;
  }

  bound() {
    const reach = (this.kept.zoom - 1) / 2; // the picture must not leave its frame
    for (const axis of ["x", "y"]) {
      this.kept[axis] = Math.max(-reach, Math.min(reach, this.kept[axis]));
    }
  }

  // Where an event is, in shares of its pane.
  inPane({ target, clientX, clientY }) {
    const box = target.getBoundingClientRect();
    return { u: (clientX - box.left) / box.width, v: (clientY - box.top) / box.height };
  }

  // Where an event is, in shares of the picture.
  share(event) {
    const { zoom, x, y, turns } = this.kept, { u, v } = turned(this.inPane(event), -turns);
    return { u: (u - 0.5 - x) / zoom + 0.5, v: (v - 0.5 - y) / zoom + 0.5 };
  }

  // The middle of what is seen, in shares of the picture.
  get middle() {
    const { zoom, x, y } = this.kept;
    return { u: 0.5 - x / zoom, v: 0.5 - y / zoom };
  }

  // Where the whole picture lies on the canvas, before it is turned.
  get place() {
    const { zoom, x, y } = this.kept, { width, height } = this.size;
    return {
      left: width * (0.5 - zoom / 2 + x), top: height * (0.5 - zoom / 2 + y),
      width: width * zoom, height: height * zoom,
    };
  }

  // Where a place of the picture is on the pane as it is seen, in pixels of the page.
  onScreen({ u, v }) {
    const { place, size, canvas } = this;
    const seen = turned({
      u: (place.left + u * place.width) / size.width, v: (place.top + v * place.height) / size.height,
    }, this.kept.turns);
    return { x: seen.u * canvas.clientWidth, y: seen.v * canvas.clientHeight };
  }

  // Have what is drawn next follow the picture's turns.
  follow(context) {
    const { clientWidth, clientHeight } = this.canvas, { width, height } = this.size;
    context.translate(clientWidth / 2, clientHeight / 2);
    context.rotate((this.kept.turns * Math.PI) / 2);
    context.translate(-width / 2, -height / 2);
  }
}
