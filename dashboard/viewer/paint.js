// What follows the picture when it is turned, from the bottom up: the picture itself, what is hidden
// from the model, layers. Lines keep their thickness at every zoom. For and against differ by line
// style as well as by colour.

const DIMMED = 0.6, TINT = 0.1; // as in pipeline/explain/overlay.py

// An explanation as it came from Python, ready to be drawn.
class Layer {
  constructor(data, grid) {
    Object.assign(this, data, { grid, heat: new Int8Array(decode(data.heat).buffer) });
    this.largest = Math.max(...data.weights.map(Math.abs));
    this.order = data.weights.map((_, i) => i)
      .sort((a, b) => Math.abs(data.weights[b]) - Math.abs(data.weights[a]) || a - b);
    this.drawn = { key: null, canvas: document.createElement("canvas") };
  }

  // Superpixels that may be drawn as evidence, the strongest first.
  ranked({ sign, least }) {
    const wanted = { both: (w) => w !== 0, positive: (w) => w > 0, negative: (w) => w < 0 }[sign];
    return this.order.filter((i) => this.evidence[i] && wanted(this.weights[i])
      && Math.abs(this.weights[i]) >= least * this.largest);
  }

  strongest(settings) {
    return this.ranked(settings).slice(0, settings.k);
  }

  // Superpixels' ranks among all that are evidence, counted from 1: a filter renumbers nothing.
  get ranks() {
    const all = this.ranked({ sign: "both", least: 0 });
    return new Map(all.map((superpixel, i) => [superpixel, i + 1]));
  }

  // The heatmap on the network's grid. Every pixel has the opacity of its own strength.
  heatmap({ sign, least, opacity }, palette) {
    const key = [sign, least, opacity].join(" ");
    if (this.drawn.key === key) return this.drawn.canvas;
    const { canvas } = this.drawn, { size, labels } = this.grid;
    canvas.width = canvas.height = size;
    const kept = new Uint8Array(this.weights.length);
    for (const i of this.ranked({ sign: "both", least })) kept[i] = 1;
    const context = canvas.getContext("2d"), image = context.createImageData(size, size);
    const middle = (palette.length / 3 - 1) / 2;
    for (let i = 0; i < labels.length; i++) {
      const value = this.heat[i] / 127;
      if (!kept[labels[i]] || (sign === "positive" && value < 0)
        || (sign === "negative" && value > 0)) continue;
      const step = 3 * Math.round(middle * (1 + value));
      image.data.set(palette.subarray(step, step + 3), 4 * i);
      image.data[4 * i + 3] = Math.round(255 * opacity * Math.abs(value));
    }
    context.putImageData(image, 0, 0);
    this.drawn.key = key;
    return canvas;
  }
}

// scene: {film, greys, quick, layer, parts, altered: {superpixels, rectangles}, outlined (a grid),
// settings, on, look, pointed, cursor}; place: {left, top, width, height} of the whole picture on the
// canvas; pane: the canvas's size; ratio: pixels of the screen in one of it. Returns whether the
// original was drawn.
function paint(context, scene, place, pane, ratio) {
  const { settings, on, layer, parts, look } = scene;
  const whole = [place.left, place.top, place.width, place.height];
  context.imageSmoothingQuality = "high";
  const original = scene.film?.draw(context, scene.greys, place, pane, ratio, scene.quick) ?? false;
  const hidden = scene.altered && parts ? hiddenArea(scene.altered, parts.grid, place) : null;
  if (hidden) {
    context.save();
    context.clip(hidden);
    context.drawImage(parts.filled.shown(scene.greys), ...whole);
    context.restore();
  }
  if (layer && on.heat) context.drawImage(layer.heatmap(settings, look.palette), ...whole);
  const chosen = layer && on.mask ? layer.strongest(settings).map((i) => ({
    path: moved(layer.grid.path(i), layer.grid, place),
    colour: layer.weights[i] > 0 ? look.for : look.against,
    dashes: layer.weights[i] > 0 ? [] : [10, 7],
  })) : null;
  if (chosen) dimTheRest(context, chosen, settings.rest, whole);
  if (on.outlines && scene.outlined) drawOutlines(context, scene.outlined, place);
  for (const { path, colour, dashes } of chosen ?? []) line(context, path, 2.5, colour, dashes);
  if (hidden) {
    context.save();
    context.clip(hidden);
    hatch(context, place);
    context.restore();
    line(context, hidden, 1.5, "#fff", [3, 3]);
  }
  for (const one of [scene.pointed, scene.cursor]) {
    if (one) line(context, moved(one.grid.path(one.superpixel, 0.5), one.grid, place), 2, "#fff");
  }
  return original;
}

function hiddenArea({ superpixels, rectangles }, grid, place) {
  const blanks = rectangles.filter((one) => one.kind === "blank");
  if (!superpixels.length && !blanks.length) return null;
  const area = new Path2D();
  for (const one of superpixels) area.addPath(moved(grid.path(one, 0.5), grid, place));
  for (const one of blanks) area.rect(...onCanvas(one, place));
  return area;
}

function dimTheRest(context, chosen, rest, whole) {
  if (rest !== "shown") {
    const around = new Path2D();
    around.rect(...whole);
    for (const { path } of chosen) around.addPath(path);
    context.fillStyle = `rgb(0 0 0 / ${rest === "hidden" ? 1 : DIMMED})`;
    context.fill(around, "evenodd");
  }
  context.globalAlpha = TINT;
  for (const { path, colour } of chosen) {
    context.fillStyle = colour;
    context.fill(path, "evenodd");
  }
  context.globalAlpha = 1;
}

function drawOutlines(context, grid, place) {
  const all = new Path2D();
  for (let i = 0; i < grid.count; i++) all.addPath(moved(grid.path(i, 0.5), grid, place));
  line(context, all, 1, "rgb(255 255 255 / 65%)");
}

function hatch(context, place) {
  const lines = new Path2D();
  const end = place.left + place.width + place.height;
  for (let x = place.left; x < end; x += 9) {
    lines.moveTo(x, place.top);
    lines.lineTo(x - place.height, place.top + place.height);
  }
  context.lineWidth = 1.5;
  context.strokeStyle = "rgb(255 255 255 / 45%)";
  context.stroke(lines);
}

function moved(path, grid, place) {
  const scaled = new Path2D();
  scaled.addPath(path, new DOMMatrix([
    place.width / grid.size, 0, 0, place.height / grid.size, place.left, place.top,
  ]));
  return scaled;
}

function onCanvas({ x, y, width, height }, place) {
  return [place.left + x * place.width, place.top + y * place.height,
    width * place.width, height * place.height];
}
