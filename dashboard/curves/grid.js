// The panels on the page: one canvas each, drawn when it is in sight; cursor, zoom and tip linked.

const PANEL_PX = 300;

class Grid {
  constructor(curves) {
    this.curves = curves;
    this.box = curves.root.querySelector(".panels");
    this.tip = curves.root.querySelector(".tip");
    this.cells = new Map(); // panel id -> {canvas, at, seen}
    this.watch = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) target.cell.seen = isIntersecting;
      if (entries.some(({ target }) => target.cell.seen && !target.cell.fresh)) curves.draw();
    }, { rootMargin: "200px" });
  }

  // A canvas per panel, kept while its panel stays.
  arrange() {
    const { panels } = this.curves.plan, wanted = new Set(panels.map((panel) => panel.id));
    for (const [id, cell] of this.cells) {
      if (wanted.has(id)) continue;
      this.watch.unobserve(cell.canvas);
      cell.canvas.remove();
      this.cells.delete(id);
    }
    panels.forEach((panel, place) => {
      let cell = this.cells.get(panel.id);
      if (!cell) {
        const canvas = document.createElement("canvas");
        // Until the observer has looked, the first ones count as in sight.
        cell = canvas.cell = { canvas, at: null, seen: place < 6, panel };
        canvas.setAttribute("role", "img");
        canvas.tabIndex = 0;
        this.cells.set(panel.id, cell);
        this.listen(cell);
        this.watch.observe(canvas);
      }
      Object.assign(cell, { panel, fresh: false });
      cell.canvas.setAttribute("aria-label", this.described(panel));
      if (this.box.children[place] !== cell.canvas) this.box.insertBefore(cell.canvas, this.box.children[place] ?? null);
    });
    this.box.classList.toggle("single", panels.length === 1);
  }

  // Whether a canvas has another size than it was drawn at.
  resized() {
    return [...this.cells.values()].some(({ canvas, width }) => canvas.clientWidth !== width);
  }

  described(panel) {
    const shown = panel.lines.slice(0, 8).map((line) => `${line.label}, ${line.side}`).join("; ");
    const more = panel.lines.length > 8 ? `; and ${panel.lines.length - 8} more` : "";
    return `${panel.title}${panel.facet ? `, ${panel.facet}` : ""}: ${shown}${more}. The table below has the figures.`;
  }

  draw(look) {
    const { curves } = this, ratio = devicePixelRatio || 1;
    for (const cell of this.cells.values()) {
      cell.fresh = cell.seen;
      if (!cell.seen) continue;
      const { canvas } = cell, width = canvas.clientWidth, height = canvas.clientHeight || PANEL_PX;
      if (!width) continue;
      cell.width = width;
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
      const context = canvas.getContext("2d");
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      cell.at = drawPanel(new CanvasPen(context), cell.panel, { left: 0, top: 0, width, height }, curves.state, look,
        { emphasised: curves.emphasised, cursor: curves.cursor ?? curves.state.at });
      if (cell.drag) this.drawDrag(context, cell, look);
    }
  }

  drawDrag(context, { at, drag }, look) {
    const pen = new CanvasPen(context), { from, to, tall } = drag;
    if (tall) pen.rectangle(at.left, Math.min(from.y, to.y), at.right - at.left, Math.abs(to.y - from.y), { colour: look.ink, alpha: 0.15 });
    else pen.rectangle(Math.min(from.x, to.x), at.top, Math.abs(to.x - from.x), at.bottom - at.top, { colour: look.ink, alpha: 0.15 });
  }

  listen(cell) {
    const { canvas } = cell, { curves } = this;
    const place = ({ offsetX, offsetY }) => ({ x: offsetX, y: offsetY });
    canvas.onpointermove = (event) => {
      if (!cell.at) return;
      if (cell.drag) {
        cell.drag.to = place(event);
        const dx = Math.abs(cell.drag.to.x - cell.drag.from.x), dy = Math.abs(cell.drag.to.y - cell.drag.from.y);
        cell.drag.tall = dy > 2 * dx;
        curves.draw();
      }
      this.hover(cell, place(event));
    };
    canvas.onpointerleave = () => { curves.point(null); this.tip.hidden = true; };
    canvas.onpointerdown = (event) => {
      if (event.button || !cell.at || event.pointerType === "touch") return;
      cell.drag = { from: place(event), to: place(event), tall: false };
      canvas.setPointerCapture(event.pointerId);
    };
    canvas.onpointerup = (event) => this.release(cell, place(event));
    canvas.onpointercancel = () => { cell.drag = null; curves.draw(); };
    canvas.ondblclick = () => curves.fit();
    canvas.onclick = (event) => { if (event.pointerType === "touch") this.hover(cell, place(event)); };
  }

  // A drag zooms all panels along x, an upright one this figure along y; a click holds the epoch.
  release(cell, to) {
    const { drag, at, panel } = cell, { curves } = this;
    cell.drag = null;
    if (!drag) return;
    const dx = Math.abs(to.x - drag.from.x), dy = Math.abs(to.y - drag.from.y);
    if (Math.max(dx, dy) < 6) {
      if (curves.cursor !== null) curves.hold(curves.cursor);
      return;
    }
    const ordered = (one, two) => [Math.min(one, two), Math.max(one, two)];
    if (dy > 2 * dx) curves.zoomTo(null, panel.metric, ordered(at.y.value(drag.from.y), at.y.value(to.y)));
    else curves.zoomTo(ordered(at.x.value(drag.from.x), at.x.value(to.x)));
  }

  // The values of all lines at the recorded point closest to the pointer, the nearest line first.
  hover(cell, { x, y }) {
    const { at, panel } = cell, { curves } = this;
    if (!at || x < at.left - 4 || x > at.right + 4) { curves.point(null); this.tip.hidden = true; return; }
    const near = panel.lines.map((line) => {
      const i = nearest(line.x, at.x.value(x));
      return { line, i, away: Math.hypot((at.x.pixel(line.x[i]) - x) / 3, at.y.pixel(line.y[i]) - y) };
    }).filter(({ line, i }) => !Number.isNaN(line.y[i])).sort((a, b) => a.away - b.away);
    if (!near.length) return;
    curves.point(near[0].line.x[near[0].i]);
    this.showTip(near, cell, x, y);
  }

  showTip(near, { canvas }, x, y) {
    const { tip, curves } = this, { state } = curves, first = near[0];
    const head = `${AXES[state.x].split(" ")[0]} ${written(first.line.x[first.i])}`
      + (state.x === "epoch" ? "" : ` (epoch ${written(first.line.epoch[first.i])})`);
    const rows = near.slice(0, 10).map(({ line, i }) => {
      const row = made("div", "value"), name = made("span", "", `${line.label}, ${line.side}`);
      const spread = line.low && !Number.isNaN(line.low[i]) ? ` (${written(line.low[i])} to ${written(line.high[i])})` : "";
      const n = line.n ? `, n = ${line.n[i]}` : "";
      const recorded = line.raw ? `, recorded ${written(line.raw[i])}` : "";
      row.append(swatch(line), name, made("b", "", written(line.y[i])), made("span", "", spread + n + recorded));
      return row;
    });
    if (near.length > 10) rows.push(made("div", "more", `and ${near.length - 10} more`));
    tip.replaceChildren(made("div", "head", head), ...rows);
    tip.hidden = false;
    const frame = tip.offsetParent.getBoundingClientRect(), box = canvas.getBoundingClientRect();
    const left = box.left - frame.left + x, top = box.top - frame.top + y;
    tip.style.left = `${Math.max(0, left + 16 + tip.offsetWidth > frame.width ? left - tip.offsetWidth - 16 : left + 16)}px`;
    tip.style.top = `${top + 12}px`;
  }
}

function made(name, className, text = "") {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.textContent = text;
  return element;
}

// The line's colour, dash and symbol, small.
function swatch({ colour, symbol: kind, side = "train" }) {
  const pen = new SvgPen(22, 12);
  pen.line([0, 6, 22, 6], { colour, width: 2, dash: side === "validation" ? [5, 3] : [] });
  symbol(pen, kind, 11, 6, 7, { colour, ground: colour });
  const image = made("img", "swatch");
  image.src = `data:image/svg+xml,${encodeURIComponent(pen.toString())}`;
  image.alt = "";
  return image;
}
