// What lies over the turned picture and is itself never turned: findings with their letters,
// measured lines with their lengths, numbers of superpixels. Sizes are pixels of the page.

const REGION_COLOUR = "#f0e442"; // of a reader's own mark; Okabe and Ito 2008
const LINE_COLOUR = "#9be7ff";
const CASING = "rgb(0 0 0 / 60%)";
const FONT_PX = 13;

// scene: {view, marks, scale, numbers: [{place, text}]}.
function annotate(context, scene) {
  const { view, marks, scale } = scene;
  for (const { place, text } of scene.numbers) {
    const at = view.onScreen(place);
    if (seen(view, [at])) label(context, view, at, text, "#fff", true);
  }
  const shown = marks.regions.map((region, i) => ({ region, text: letter(i) }))
    .filter(({ region }) => region !== marks.draft?.instead);
  for (const { region, text } of shown) {
    const chosen = region === marks.chosen;
    const box = outline(context, view, region, REGION_COLOUR, chosen ? 3.5 : 2);
    if (chosen && !marks.locked) grip(context, view.onScreen(marks.grip(region)));
    if (seen(view, box.ends)) {
      label(context, view, { x: box.x, y: box.y - FONT_PX + 2 }, text, REGION_COLOUR);
    }
  }
  const lines = marks.draft?.kind === "line" ? [...marks.kept.lines, marks.draft] : marks.kept.lines;
  for (const one of lines) measured(context, view, one, scale);
  if (marks.draft && marks.draft.kind !== "line") {
    const region = marks.draft.kind === "region";
    outline(context, view, rectangle(marks.draft), region ? REGION_COLOUR : "#fff", 2,
      region && !marks.draft.typed ? [] : [3, 3]);
  }
}

function outline(context, view, box, colour, width, dashes = []) {
  const ends = [{ u: box.x, v: box.y }, { u: box.x + box.width, v: box.y + box.height }]
    .map((end) => view.onScreen(end));
  const x = Math.min(ends[0].x, ends[1].x), y = Math.min(ends[0].y, ends[1].y);
  const path = new Path2D();
  path.rect(x, y, Math.abs(ends[1].x - ends[0].x), Math.abs(ends[1].y - ends[0].y));
  line(context, path, width, colour, dashes);
  return { x, y, ends };
}

// Whether anything between these places is in sight: a label is never drawn at the rim in place of
// something that is not.
function seen({ canvas }, places) {
  const spans = (axis, length) => Math.max(...places.map((one) => one[axis])) >= 0
    && Math.min(...places.map((one) => one[axis])) <= length;
  return spans("x", canvas.clientWidth) && spans("y", canvas.clientHeight);
}

function grip(context, { x, y }) {
  const path = new Path2D();
  path.arc(x, y, 5, 0, 2 * Math.PI);
  line(context, path, 2, REGION_COLOUR);
  context.fillStyle = REGION_COLOUR;
  context.fill(path);
}

// A line with a bar across each end.
function measured(context, view, one, scale) {
  const [from, to] = [one.from, one.to].map((end) => view.onScreen(end));
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const across = { x: (-6 * (to.y - from.y)) / length, y: (6 * (to.x - from.x)) / length };
  const path = new Path2D();
  path.moveTo(from.x, from.y);
  path.lineTo(to.x, to.y);
  for (const end of [from, to]) {
    path.moveTo(end.x - across.x, end.y - across.y);
    path.lineTo(end.x + across.x, end.y + across.y);
  }
  line(context, path, 2, LINE_COLOUR);
  const right = from.x > to.x ? from : to;
  if (!seen(view, [from, to])) return;
  label(context, view, { x: right.x + 8, y: right.y }, scale.say(scale.length(one)), LINE_COLOUR);
}

// Text on black, kept within the pane.
function label(context, { canvas }, { x, y }, text, colour, centred = false) {
  context.font = `600 ${FONT_PX}px sans-serif`;
  const width = Math.max(FONT_PX + 6, context.measureText(text).width + 8), height = FONT_PX + 6;
  const left = Math.max(0, Math.min(canvas.clientWidth - width, centred ? x - width / 2 : x));
  const top = Math.max(0, Math.min(canvas.clientHeight - height, y - height / 2));
  const box = new Path2D();
  box.roundRect(left, top, width, height, centred ? height / 2 : 3);
  context.fillStyle = "rgb(0 0 0 / 80%)";
  context.fill(box);
  if (centred) {
    context.lineWidth = 1.5;
    context.strokeStyle = colour;
    context.stroke(box);
  }
  context.fillStyle = colour;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, left + width / 2, top + height / 2 + 1);
}

function line(context, path, width, colour, dashes = []) {
  context.setLineDash(dashes);
  context.lineJoin = "round";
  context.lineWidth = width + 2;
  context.strokeStyle = CASING;
  context.stroke(path);
  context.lineWidth = width;
  context.strokeStyle = colour;
  context.stroke(path);
  context.setLineDash([]);
}
