// An X-ray with layers over it: zoom, pan, and nothing forgotten when a layer changes.
//
// Called by Streamlit at mount and at every change of `data`:
//   picture  names the picture; zoom and position are kept for as long as it stays the same
//   width, height, base, layers   the picture's size and its data URLs, bottom first
//   label    says what is shown, for a screen reader
//   legend   {title, gradient, low, middle, high} or null
// Nothing of `data` is ever put into the page as HTML.

const views = new Map();
const LARGEST_ZOOM = 12;

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".viewer");
  if (!root) return;
  const viewer = root.viewer ?? (root.viewer = new Viewer(root));
  viewer.show(data);
}

class Viewer {
  constructor(root) {
    this.root = root;
    this.frame = root.querySelector(".frame");
    this.stage = root.querySelector(".stage");
    this.level = root.querySelector(".level");
    this.legend = root.querySelector(".legend");
    this.fingers = new Map();
    this.images = [];
    this.listen();
  }

  show(data) {
    if (!views.has(data.picture)) views.set(data.picture, { zoom: 1, x: 0, y: 0 });
    this.view = views.get(data.picture);
    this.frame.style.setProperty("--aspect", data.width / data.height);
    this.frame.setAttribute("aria-label", data.label);
    const sources = [data.base, ...data.layers];
    // Reuse what is there: replacing an <img> would flicker at every toggle.
    while (this.images.length > sources.length) this.images.pop().remove();
    while (this.images.length < sources.length) {
      const image = document.createElement("img");
      image.alt = "";
      image.draggable = false;
      this.images.push(image);
      this.stage.append(image);
    }
    sources.forEach((source, i) => {
      if (this.images[i].src !== source) this.images[i].src = source;
    });
    this.showLegend(data.legend);
    this.place();
  }

  showLegend(legend) {
    this.legend.hidden = !legend;
    if (!legend) return;
    this.legend.querySelector(".bar").style.background = legend.gradient;
    for (const part of ["title", "low", "middle", "high"]) {
      this.legend.querySelector(`.${part}`).textContent = legend[part];
    }
  }

  place() {
    const { zoom } = this.view;
    const reach = (zoom - 1) / 2; // in frame sizes: the picture must not leave its frame
    this.view.x = Math.max(-reach, Math.min(reach, this.view.x));
    this.view.y = Math.max(-reach, Math.min(reach, this.view.y));
    this.stage.style.transform =
      `translate(${this.view.x * 100}%, ${this.view.y * 100}%) scale(${zoom})`;
    this.frame.classList.toggle("zoomed", zoom > 1);
    this.level.textContent = `${Math.round(zoom * 100)} %`;
    this.root.dataset.zoom = zoom.toFixed(3);
  }

  // Zoom by `factor` so that the point under (clientX, clientY) stays where it is.
  zoomBy(factor, clientX, clientY) {
    const box = this.frame.getBoundingClientRect();
    const u = clientX === undefined ? 0 : (clientX - box.left) / box.width - 0.5;
    const v = clientY === undefined ? 0 : (clientY - box.top) / box.height - 0.5;
    const zoom = Math.max(1, Math.min(LARGEST_ZOOM, this.view.zoom * factor));
    const ratio = zoom / this.view.zoom;
    this.view.x = u - (u - this.view.x) * ratio;
    this.view.y = v - (v - this.view.y) * ratio;
    this.view.zoom = zoom;
    this.place();
  }

  moveBy(dx, dy) {
    const box = this.frame.getBoundingClientRect();
    this.view.x += dx / box.width;
    this.view.y += dy / box.height;
    this.place();
  }

  fit() {
    Object.assign(this.view, { zoom: 1, x: 0, y: 0 });
    this.place();
  }

  listen() {
    const { frame, root } = this;
    root.querySelector(".in").onclick = () => this.zoomBy(1.4);
    root.querySelector(".out").onclick = () => this.zoomBy(1 / 1.4);
    root.querySelector(".fit").onclick = () => this.fit();
    root.querySelector(".full").onclick = () =>
      document.fullscreenElement ? document.exitFullscreen() : root.requestFullscreen?.();
    frame.ondblclick = (event) =>
      this.view.zoom > 1 ? this.fit() : this.zoomBy(2.5, event.clientX, event.clientY);
    frame.addEventListener(
      "wheel",
      (event) => {
        // Until the picture is clicked, the wheel scrolls the page as everywhere else.
        const focused = frame.getRootNode().activeElement === frame;
        if (!focused && !event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        this.zoomBy(Math.exp(-event.deltaY / 400), event.clientX, event.clientY);
      },
      { passive: false },
    );
    frame.onkeydown = (event) => this.key(event);
    frame.onpointerdown = (event) => {
      frame.setPointerCapture(event.pointerId);
      this.fingers.set(event.pointerId, event);
    };
    frame.onpointermove = (event) => this.drag(event);
    frame.onpointerup = frame.onpointercancel = (event) => this.fingers.delete(event.pointerId);
  }

  drag(event) {
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const other = [...this.fingers.values()].find((f) => f.pointerId !== event.pointerId);
    if (other) {
      const span = (a) => Math.hypot(a.clientX - other.clientX, a.clientY - other.clientY);
      this.zoomBy(
        span(event) / Math.max(1, span(before)),
        (event.clientX + other.clientX) / 2,
        (event.clientY + other.clientY) / 2,
      );
    } else {
      this.moveBy(event.clientX - before.clientX, event.clientY - before.clientY);
    }
    this.fingers.set(event.pointerId, event);
  }

  key(event) {
    const step = 40;
    const actions = {
      "+": () => this.zoomBy(1.25),
      "=": () => this.zoomBy(1.25),
      "-": () => this.zoomBy(0.8),
      0: () => this.fit(),
      ArrowLeft: () => this.moveBy(step, 0),
      ArrowRight: () => this.moveBy(-step, 0),
      ArrowUp: () => this.moveBy(0, step),
      ArrowDown: () => this.moveBy(0, -step),
    };
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    // An arrow scrolls the page while there is nothing to move.
    if (event.key.startsWith("Arrow") && this.view.zoom === 1) return;
    event.preventDefault();
    action();
  }
}
