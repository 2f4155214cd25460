// Hands on the picture: drag, wheel, pinch, click, hover. Works on a Viewer.

const STILL_PX = 5; // less is a click, more a drag
const SMALLEST_SHARE = 0.01; // of the picture: a smaller rectangle was a slip

class Pointer {
  constructor(viewer) {
    this.viewer = viewer;
    this.fingers = new Map();
    this.draft = null;
    for (const canvas of viewer.canvases) {
      canvas.onpointerdown = (event) => this.down(event);
      canvas.onpointermove = (event) => this.move(event);
      canvas.onpointerup = (event) => this.up(event);
      canvas.onpointercancel = (event) => this.cancel(event);
      canvas.onpointerleave = (event) => {
        if (event.pointerType === "mouse") viewer.point(null); // a finger leaves after every tap
      };
      canvas.ondblclick = (event) => {
        if (viewer.mode) return;
        if (viewer.view.zoom > 1) viewer.fit();
        else viewer.zoomBy(2.5, event);
      };
      canvas.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    }
    this.handle(viewer.handle);
  }

  wheel(event) {
    // Until the picture is clicked, the wheel scrolls the page as everywhere else.
    if (!this.viewer.focused && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.viewer.zoomBy(Math.exp(-event.deltaY / 400), event);
  }

  down(event) {
    const { viewer } = this;
    event.target.setPointerCapture(event.pointerId);
    this.fingers.set(event.pointerId, event);
    this.began = this.fingers.size === 1 ? event : null;
    const drawing = viewer.mode === "blank" || viewer.mode === "region";
    this.draft = drawing && this.began ? { from: viewer.share(event), kind: viewer.mode } : null;
  }

  move(event) {
    const { viewer } = this, before = this.fingers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "mouse") viewer.point(event);
      return;
    }
    if (this.draft) {
      viewer.draft = rectangle(this.draft, viewer.share(event));
      viewer.draw();
    } else {
      this.dragOrPinch(before, event);
    }
    this.fingers.set(event.pointerId, event);
  }

  dragOrPinch(before, event) {
    const other = [...this.fingers.values()].find((f) => f.pointerId !== event.pointerId);
    if (!other) {
      this.viewer.moveBy(event.clientX - before.clientX, event.clientY - before.clientY);
      return;
    }
    const span = (a) => Math.hypot(a.clientX - other.clientX, a.clientY - other.clientY);
    this.viewer.zoomBy(span(event) / Math.max(1, span(before)), {
      target: event.target,
      clientX: (event.clientX + other.clientX) / 2,
      clientY: (event.clientY + other.clientY) / 2,
    });
  }

  up(event) {
    const { viewer } = this;
    this.fingers.delete(event.pointerId);
    if (this.draft) {
      const drawn = rectangle(this.draft, viewer.share(event));
      this.draft = viewer.draft = null;
      if (drawn.width > SMALLEST_SHARE && drawn.height > SMALLEST_SHARE) viewer.keep(drawn);
      viewer.draw();
    } else if (this.began && still(this.began, event)) {
      viewer.click(event);
    }
    this.began = null;
  }

  cancel(event) {
    this.fingers.delete(event.pointerId);
    this.draft = this.viewer.draft = this.began = null;
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

// In shares of the picture, within it.
function rectangle({ from, kind }, to) {
  const within = (share) => Math.max(0, Math.min(1, share));
  const [left, right] = [within(from.u), within(to.u)].sort((a, b) => a - b);
  const [top, bottom] = [within(from.v), within(to.v)].sort((a, b) => a - b);
  return { kind, x: left, y: top, width: right - left, height: bottom - top };
}
