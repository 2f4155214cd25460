// What can be taken away: the picture at a chosen size, and the numbers in it.

const LARGEST_PX = 6000;

function save(curves, kind, size) {
  const width = Math.round(Math.max(300, Math.min(LARGEST_PX, size.width || 1600)));
  const height = Math.round(Math.max(200, Math.min(LARGEST_PX, size.height || 900)));
  if (kind === "csv") return handOver(csv(curves.plan.rows()), "text/csv", "training-curves.csv");
  if (kind === "raw") return handOver(csv(rawRows(curves)), "text/csv", "training-curves-raw.csv");
  if (kind === "svg") {
    const pen = new SvgPen(width, height);
    drawAll(pen, curves, width, height);
    return handOver(pen.toString(), "image/svg+xml", "training-curves.svg");
  }
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  drawAll(new CanvasPen(canvas.getContext("2d")), curves, width, height);
  canvas.toBlob((blob) => offer(blob, "training-curves.png"));
}

// All panels in columns, with a legend below.
function drawAll(pen, curves, width, height) {
  const { plan, state } = curves, look = curves.look();
  look.family = "sans-serif";
  pen.rectangle(0, 0, width, height, { colour: look.ground });
  const groups = plan.groups.slice(0, 60), perRow = Math.max(1, Math.floor(width / 260));
  const legend = groups.length > 1 || plan.groups.length === 1 ? 20 * Math.ceil(groups.length / perRow) + 8 : 0;
  const { panels } = plan, columns = Math.ceil(Math.sqrt(panels.length * Math.max(1, width / height / 1.6)));
  const rows = Math.ceil(panels.length / Math.max(1, columns));
  panels.forEach((panel, i) => {
    const box = { left: (i % columns) * width / columns, top: Math.floor(i / columns) * (height - legend) / rows,
      width: width / columns, height: (height - legend) / rows };
    drawPanel(pen, panel, box, state, look, { cursor: state.at });
  });
  groups.forEach((group, i) => {
    const x = 14 + (i % perRow) * (width - 28) / perRow, y = height - legend + 10 + 20 * Math.floor(i / perRow);
    pen.line([x, y, x + 22, y], { colour: group.colour, width: 2 });
    symbol(pen, group.symbol, x + 11, y, 8, { colour: group.colour, ground: look.ground });
    pen.text(group.label, x + 30, y, { colour: look.ink, size: 12, family: look.family });
  });
}

function rawRows(curves) {
  return curves.plan.runs.flatMap((run) => {
    const table = curves.tables.get(run.name);
    return Array.from({ length: table.rows }, (_, i) => Object.fromEntries(
      [["run", run.name], ...[...table.columns].map(([name, values]) => [name, values[i]])]));
  });
}

// A text that no spreadsheet runs as a formula: `pipeline/spreadsheet.py` says what and why.
function harmless(text) {
  const marked = text.replace(/(^|[;\t\r\n])([ "']*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g, "$1'$2");
  return /^[\t\r\n]/.test(marked) ? `'${marked}` : marked;
}

function csv(rows) {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (value) => {
    if (value === undefined || value === null || Number.isNaN(value)) return "";
    // Single precision holds seven digits; more would be made up.
    if (typeof value === "number") return String(Number(value.toPrecision(7)));
    const safe = harmless(value);
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [names, ...rows.map((row) => names.map((name) => row[name]))]
    .map((row) => row.map(cell).join(",")).join("\n") + "\n";
}

function handOver(text, type, name) {
  offer(new Blob([text], { type }), name);
}

function offer(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
