// Hands on the picture: drag, wheel, pinch, click, hover. Works on a Viewer.

const STILL_PX = 5; // less is a click, more a drag
const RIGHT_BUTTON = 2;

class Pointer {
  constructor(viewer) {
    this.viewer = viewer;
    this.fingers = new Map();
    this.begun = null;
    this.windowing = false;
    for (const canvas of viewer.canvases) {
      canvas.onpointerdown = (event) => this.down(event);
      canvas.onpointermove = (event) => this.move(event);
      canvas.onpointerup = (event) => this.up(event);
      canvas.onpointercancel = (event) => this.cancel(event);
      canvas.onpointerleave = (event) => {
        if (event.pointerType === "mouse") viewer.point(null); // a finger leaves after every tap
      };
      // The right button changes the window in every mode, as on reading stations.
      canvas.oncontextmenu = (event) => event.preventDefault();
      canvas.ondblclick = (event) => {
        if (viewer.mode) return;
        if (viewer.view.kept.zoom > 1) viewer.sight.fit();
        else viewer.sight.zoomBy(2.5, event);
      };
      canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    }
    this.handle(viewer.handle);
  }

  wheel(event) {
    // Until the picture is clicked, the wheel scrolls the page as everywhere else.
    if (!this.viewer.focused && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.viewer.sight.zoomBy(Math.exp(-event.deltaY / 400), event);
  }

  down(event) {
    const { viewer } = this;
    event.target.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, event);
    this.began = this.fingers.size === 1 ? event : null;
    this.windowing = Boolean(this.began)
      && (viewer.mode === "window" || event.button === RIGHT_BUTTON);
    this.begun = this.began && !this.windowing ? viewer.marks.begin(event) : null;
    viewer.marks.draft = null;
  }

  move(event) {
    const { viewer } = this, before = this.fingers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "mouse") viewer.point(event);
      return;
    }
    if (this.begun) {
      if (viewer.marks.draft || !still(this.began, event)) {
        viewer.marks.draft = viewer.marks.follow(this.begun, viewer.view.share(event));
        viewer.draw();
      }
    } else if (this.windowing) {
      viewer.sight.adjust((event.clientX - before.clientX) * WIDTH_PER_PX,
        (event.clientY - before.clientY) * WIDTH_PER_PX, true);
    } else {
      this.dragOrPinch(before, event);
    }
    this.fingers.set(event.pointerId, event);
  }

  dragOrPinch(before, event) {
    const other = [...this.fingers.values()].find((f) => f.pointerId !== event.pointerId);
    if (!other) {
      this.viewer.sight.moveBy(event.clientX - before.clientX, event.clientY - before.clientY);
      return;
    }
    const span = (a) => Math.hypot(a.clientX - other.clientX, a.clientY - other.clientY);
    this.viewer.sight.zoomBy(span(event) / Math.max(1, span(before)), {
      target: event.target,
      clientX: (event.clientX + other.clientX) / 2,
      clientY: (event.clientY + other.clientY) / 2,
    });
  }

  up(event) {
    const { viewer } = this, { draft } = viewer.marks;
    this.fingers.delete(event.pointerId);
    if (this.windowing) this.settle();
    else if (this.begun && draft) viewer.marks.keep(viewer.marks.follow(this.begun, viewer.view.share(event)));
    else if (this.began && still(this.began, event)) viewer.click(event);
    this.begun = this.began = null;
    viewer.draw();
  }

  // The hand rests: draw as finely as the picture is.
  settle() {
    this.windowing = this.viewer.sight.quick = false;
    this.viewer.frame.focus({ preventScroll: true });
  }

  cancel(event) {
    this.fingers.delete(event.pointerId);
    this.begun = this.began = this.viewer.marks.draft = null;
    this.windowing = this.viewer.sight.quick = false;
    this.viewer.draw();
  }

  handle(handle) {
    const { viewer } = this;
    handle.onpointerdown = (event) => handle.setPointerCapture(event.pointerId);
    handle.onpointermove = (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const box = handle.parentElement.getBoundingClientRect();
      viewer.swipeTo((event.clientX - box.left) / box.width);
    };
    handle.onkeydown = (event) => {
      const step = { ArrowLeft: -0.02, ArrowRight: 0.02 }[event.key];
      const end = { Home: 0, End: 1 }[event.key];
      if (step === undefined && end === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      viewer.swipeTo(end ?? settings.swipe + step);
    };
  }
}

function still(began, event) {
  return Math.hypot(event.clientX - began.clientX, event.clientY - began.clientY) < STILL_PX;
}
