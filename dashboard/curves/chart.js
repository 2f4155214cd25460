// One panel drawn with a pen: axes, bands, lines, best epochs, and where the cursor stands.

const MARGIN = { left: 52, right: 14, top: 30, bottom: 34 };
const AXES = {
  epoch: "Epoch", step: "Step", seconds: "Seconds since training began", images: "Images seen",
};
const FAINT = 0.35;
const MANY = 24; // lines, from which on symbols and rings would hide what they mark

// The scales of a panel in a box {left, top, width, height}; null where there is nothing to draw.
function scales(panel, box, state) {
  const { lines } = panel;
  const x = state.zoom ?? extent(lines.map((line) => line.x), state.logx, false);
  const within = x && lines.map((line) => visible(line, x, state));
  const y = state.zoomY[panel.metric] ?? (x && extent(within.flat(), state.logy, state.clip));
  if (!x || !y) return null;
  const room = (low, high) => {
    if (state.zoomY[panel.metric]) return [low, high];
    return state.logy ? [low / (high / low) ** 0.04, high * (high / low) ** 0.04]
      : [low - (high - low) * 0.04, high + (high - low) * 0.04];
  };
  const left = box.left + MARGIN.left, right = box.left + box.width - MARGIN.right;
  return {
    x: new Scale(...x, state.logx, left, right),
    y: new Scale(...room(...y), state.logy, box.top + box.height - MARGIN.bottom, box.top + MARGIN.top),
    left, right, top: box.top + MARGIN.top, bottom: box.top + box.height - MARGIN.bottom,
  };
}

// What of a line decides how far the axis must reach: values within the zoom, raw ones and bands.
function visible(line, [low, high], state) {
  const lists = [line.y, line.raw, line.low, line.high].filter(Boolean);
  if (!state.zoom) return lists;
  const first = line.x.findIndex((x) => x >= low);
  if (first < 0) return [];
  const after = line.x.findIndex((x) => x > high);
  return lists.map((list) => list.subarray(first, after < 0 ? undefined : after));
}

function drawPanel(pen, panel, box, state, look, { emphasised = null, cursor = null } = {}) {
  const at = scales(panel, box, state), { ink, faint, ground, family } = look;
  const title = panel.facet ? `${panel.title} · ${panel.facet}` : panel.title;
  const minus = state.difference && state.pinned ? " − baseline" : "";
  pen.text(title + minus, box.left + 8, box.top + 13, { colour: ink, size: 14, weight: 600, family });
  if (!at) {
    const why = state.logx || state.logy ? "Nothing above 0 to draw on a log scale." : "Nothing to draw.";
    pen.text(why, box.left + 8, box.top + box.height / 2, { colour: ink, size: 12, family });
    return null;
  }
  axes(pen, at, box, state, look);
  const many = panel.lines.length > MANY;
  pen.within(at.left, at.top, at.right - at.left, at.bottom - at.top, () => {
    if (cursor !== null) {
      const x = at.x.pixel(cursor);
      pen.line([x, at.top, x, at.bottom], { colour: faint, width: 1 });
    }
    for (const line of panel.lines) if (line.low) drawBand(pen, line, at, state);
    for (const line of panel.lines) {
      if (emphasised && !emphasised.has(line.run?.name ?? line.group)) drawLine(pen, line, at, state, { many, alpha: 0.15 });
    }
    for (const line of panel.lines) {
      if (!emphasised || emphasised.has(line.run?.name ?? line.group)) {
        drawLine(pen, line, at, state, { many: many && !emphasised, alpha: 1 });
      }
    }
  });
  const labels = [];
  if (!many) for (const line of panel.lines) drawMarks(pen, line, at, labels, look);
  return at;
}

function axes(pen, at, box, state, look) {
  const { ink, faint, family } = look, size = 11;
  const xs = at.x.ticks(Math.max(2, (at.right - at.left) / 80));
  const ys = at.y.ticks(Math.max(2, (at.bottom - at.top) / 45));
  tickTexts(ys, state.logy).forEach((words, i) => {
    const y = at.y.pixel(ys[i]);
    pen.line([at.left, y, at.right, y], { colour: faint, width: 1, alpha: 0.35 });
    pen.text(words, at.left - 6, y, { colour: ink, size, align: "right", family });
  });
  tickTexts(xs, state.logx).forEach((words, i) => {
    const x = at.x.pixel(xs[i]);
    pen.line([x, at.bottom, x, at.bottom + 4], { colour: faint, width: 1 });
    pen.text(words, x, at.bottom + 11, { colour: ink, size, align: "center", family });
  });
  pen.line([at.left, at.bottom, at.right, at.bottom], { colour: faint, width: 1 });
  const title = AXES[state.x] + (state.logx ? " (log)" : "");
  pen.text(title, (at.left + at.right) / 2, at.bottom + 26, { colour: ink, size, align: "center", family });
}

function drawBand(pen, line, at, state) {
  const upper = [], lower = [];
  for (let i = 0; i < line.x.length; i++) {
    if (Number.isNaN(line.low[i])) continue;
    const low = state.logy ? Math.max(line.low[i], at.y.low) : line.low[i];
    upper.push(at.x.pixel(line.x[i]), at.y.pixel(line.high[i]));
    lower.push([at.x.pixel(line.x[i]), at.y.pixel(low)]);
  }
  if (upper.length > 2) {
    pen.area([...upper, ...lower.reverse().flat()], { colour: line.colour, alpha: 0.2 });
  }
}

function drawLine(pen, line, at, state, { many, alpha }) {
  const { colour, dash } = line;
  const points = (values) => polyline(line.x, values, at.x.pixel, at.y.pixel);
  if (line.raw && !many) pen.line(points(line.raw), { colour, width: 1, dash, alpha: FAINT * alpha });
  const path = points(line.y);
  // A single epoch makes no line, but it is there.
  if (path.length === 2) pen.line([path[0] - 4, path[1], path[0] + 4, path[1]], { colour, width: 2, alpha });
  // Dashes of hundreds of lines only flicker, and cost most of the time.
  else pen.line(path, { colour, width: many ? 1 : 2, dash: many ? [] : dash, alpha: alpha * (many ? 0.7 : 1) });
}

// The line's symbol at its end, and a ring with the value at its best epoch.
function drawMarks(pen, line, at, labels, look) {
  const { colour } = line, inside = (x, y) => x >= at.left - 1 && x <= at.right + 1 && y >= at.top - 1 && y <= at.bottom + 1;
  let last = line.y.length - 1;
  while (last >= 0 && Number.isNaN(line.y[last])) last--;
  if (last >= 0) {
    const x = at.x.pixel(line.x[last]), y = at.y.pixel(line.y[last]);
    if (inside(x, y)) symbol(pen, line.symbol, x, y, line.side === "train" ? 8 : 7, { colour, ground: look.ground, hollow: line.side !== "train" });
  }
  if (line.stop) {
    const x = at.x.pixel(line.stop.x), y = at.y.pixel(line.stop.y);
    if (inside(x, y)) pen.line([x, y - 9, x, y + 9], { colour, width: 3 });
  }
  if (!line.best) return;
  const x = at.x.pixel(line.best.x), y = at.y.pixel(line.best.y);
  if (!inside(x, y)) return;
  symbol(pen, line.symbol === "cross" || line.symbol === "plus" ? "circle" : line.symbol, x, y, 13, { colour, ground: look.ground, hollow: true });
  // A number that would cover another is left out; the table below has them all.
  const spots = [-14, 15].map((away) => ({ x: Math.min(x, at.right - 18), y: y + away }));
  const free = spots.find((spot) => spot.y > at.top && spot.y < at.bottom
    && !labels.some((other) => Math.abs(other.x - spot.x) < 42 && Math.abs(other.y - spot.y) < 14));
  if (!free) return;
  labels.push(free);
  pen.text(written(line.best.y), free.x, free.y,
    { colour: look.ink, size: 11, align: "center", weight: 600, family: look.family, halo: look.ground });
}
