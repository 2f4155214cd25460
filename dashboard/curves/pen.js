// One way to draw for two surfaces: a canvas to look at, an SVG to take away.

class CanvasPen {
  constructor(context) { this.context = context; }

  line(points, { colour, width = 1.5, dash = [], alpha = 1 }) {
    const { context } = this;
    context.globalAlpha = alpha;
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.lineJoin = "round";
    context.setLineDash(dash);
    context.beginPath();
    for (let i = 0; i < points.length; i += 2) context.lineTo(points[i], points[i + 1]);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
  }

  area(points, { colour, alpha }) {
    const { context } = this;
    context.globalAlpha = alpha;
    context.fillStyle = colour;
    context.beginPath();
    for (let i = 0; i < points.length; i += 2) context.lineTo(points[i], points[i + 1]);
    context.fill();
    context.globalAlpha = 1;
  }

  text(words, x, y, { colour, size = 12, align = "left", weight = 400, family, halo = null }) {
    const { context } = this;
    context.font = `${weight} ${size}px ${family}`;
    context.textAlign = align;
    context.textBaseline = "middle";
    if (halo) {
      context.lineWidth = 3;
      context.strokeStyle = halo;
      context.strokeText(words, x, y);
    }
    context.fillStyle = colour;
    context.fillText(words, x, y);
  }

  within(left, top, width, height, draw) {
    const { context } = this;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    draw();
    context.restore();
  }

  rectangle(left, top, width, height, { colour, alpha = 1 }) {
    const { context } = this;
    context.globalAlpha = alpha;
    context.fillStyle = colour;
    context.fillRect(left, top, width, height);
    context.globalAlpha = 1;
  }
}

class SvgPen {
  constructor(width, height) {
    Object.assign(this, { width, height, parts: [], clips: 0 });
  }

  line(points, { colour, width = 1.5, dash = [], alpha = 1 }) {
    if (points.length < 4) return;
    const dashes = dash.length ? ` stroke-dasharray="${dash.join(" ")}"` : "";
    this.parts.push(`<polyline points="${pairs(points)}" fill="none" stroke="${colour}" `
      + `stroke-width="${width}" stroke-opacity="${alpha}" stroke-linejoin="round"${dashes}/>`);
  }

  area(points, { colour, alpha }) {
    this.parts.push(`<polygon points="${pairs(points)}" fill="${colour}" fill-opacity="${alpha}"/>`);
  }

  text(words, x, y, { colour, size = 12, align = "left", weight = 400, family }) {
    const anchor = { left: "start", right: "end", center: "middle" }[align];
    this.parts.push(`<text x="${fixed(x)}" y="${fixed(y)}" fill="${colour}" font-size="${size}" `
      + `font-weight="${weight}" font-family="${escaped(family)}" text-anchor="${anchor}" `
      + `dominant-baseline="central">${escaped(words)}</text>`);
  }

  within(left, top, width, height, draw) {
    const id = `clip${this.clips++}`;
    this.parts.push(`<clipPath id="${id}"><rect x="${fixed(left)}" y="${fixed(top)}" `
      + `width="${fixed(width)}" height="${fixed(height)}"/></clipPath><g clip-path="url(#${id})">`);
    draw();
    this.parts.push("</g>");
  }

  rectangle(left, top, width, height, { colour, alpha = 1 }) {
    this.parts.push(`<rect x="${fixed(left)}" y="${fixed(top)}" width="${fixed(width)}" `
      + `height="${fixed(height)}" fill="${colour}" fill-opacity="${alpha}"/>`);
  }

  toString() {
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${this.width}" height="${this.height}" `
      + `viewBox="0 0 ${this.width} ${this.height}">${this.parts.join("")}</svg>`;
  }
}

const fixed = (value) => Number(value.toFixed(2));

function pairs(points) {
  const told = [];
  for (let i = 0; i < points.length; i += 2) told.push(`${fixed(points[i])},${fixed(points[i + 1])}`);
  return told.join(" ");
}

function escaped(words) {
  return String(words).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

// A symbol of about `size` pixels, filled or as a ring; told apart without colour.
function symbol(pen, kind, x, y, size, { colour, hollow = false, ground }) {
  const corners = {
    circle: 16, square: 4, diamond: 4, triangle: 3, hexagon: 6, star: 10, cross: 0, plus: 0,
  }[kind] ?? 16;
  const r = size / 2;
  if (!corners) {
    const turn = kind === "cross" ? Math.PI / 4 : 0;
    for (const angle of [turn, turn + Math.PI / 2]) {
      const dx = r * Math.cos(angle), dy = r * Math.sin(angle);
      pen.line([x - dx, y - dy, x + dx, y + dy], { colour, width: 2 });
    }
    return;
  }
  const start = { square: Math.PI / 4, triangle: -Math.PI / 2, star: -Math.PI / 2 }[kind] ?? 0;
  const points = [];
  for (let i = 0; i <= corners; i++) {
    const angle = start + 2 * Math.PI * i / corners;
    const reach = kind === "star" && i % 2 ? r * 0.45 : r;
    points.push(x + reach * Math.cos(angle), y + reach * Math.sin(angle));
  }
  pen.area(points, { colour: hollow ? ground : colour, alpha: 1 });
  pen.line(points, { colour, width: hollow ? 2 : 1 });
}
