// A curve of thresholds with the one in use, which can be dragged along it.
//
// Called by Streamlit at mount and at every change of `data`:
//   x, y, threshold   the curve's points, each 0 to 1
//   now       {x, y, left, right, bottom, top}: the threshold in use with its limits, or null
//   marks     [{x, y, name}] points that are marked besides
//   guide     [x0, y0, x1, y1] what guessing would give
//   xTitle, yTitle, label, colour, accent
// While it is dragged nothing is asked of the server; letting go sends `threshold`.

const SVG = "http://www.w3.org/2000/svg";
const LEFT = 58, TOP = 12, SIDE = 340, WIDTH = 412, HEIGHT = 420;
const across = (value) => LEFT + SIDE * value;
const down = (value) => TOP + SIDE * (1 - value);

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".curve");
  const svg = node("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: "100%", role: "img", "aria-label": data.label,
  });
  axes(svg, data);
  node("line", ends(data.guide, { class: "guide" }), svg);
  const points = data.x.map((x, i) => `${across(x).toFixed(1)},${down(data.y[i]).toFixed(1)}`);
  node("polyline", { points: points.join(" "), class: "line", stroke: data.colour }, svg);
  for (const mark of data.marks) {
    const [x, y] = [across(mark.x), down(mark.y)];
    const diamond = node("path", { d: `M${x} ${y - 8}l8 8l-8 8l-8 -8z`, class: "mark" }, svg);
    node("title", {}, diamond).textContent = mark.name;
  }
  const said = node("text", { x: LEFT + SIDE, y: HEIGHT - 4, class: "said" }, svg);
  const limits = node("g", { stroke: data.accent, "stroke-width": 2 }, svg);
  const dot = node("circle", { r: 8, fill: data.accent, class: "now" }, svg);
  if (data.now) {
    const { x, y, left, right, bottom, top } = data.now;
    node("line", ends([left, y, right, y]), limits);
    node("line", ends([x, bottom, x, top]), limits);
    move(dot, x, y);
  }
  drag(svg, data, (i) => {
    limits.replaceChildren();
    move(dot, data.x[i], data.y[i]);
    said.textContent = `threshold ${data.threshold[i].toFixed(4)}: ` +
      `${data.y[i].toFixed(3)} at ${data.x[i].toFixed(3)}`;
  }, (i) => setTriggerValue("threshold", data.threshold[i]));
  root.replaceChildren(svg);
}

function drag(svg, data, show, choose) {
  let held = null;
  const nearest = (event) => {
    const place = new DOMPoint(event.clientX, event.clientY)
      .matrixTransform(svg.getScreenCTM().inverse());
    const distance = data.x.map((x, i) =>
      Math.hypot(across(x) - place.x, down(data.y[i]) - place.y));
    return distance.indexOf(Math.min(...distance));
  };
  svg.onpointerdown = (event) => {
    svg.setPointerCapture(event.pointerId);
    show(held = nearest(event));
  };
  svg.onpointermove = (event) => {
    if (held !== null) show(held = nearest(event));
  };
  svg.onpointerup = () => {
    if (held !== null) choose(held);
    held = null;
  };
  svg.onpointercancel = () => { held = null; };
}

function axes(svg, data) {
  for (let tenth = 0; tenth <= 10; tenth += 2) {
    const value = tenth / 10;
    node("line", ends([value, 0, value, 1], { class: "grid" }), svg);
    node("line", ends([0, value, 1, value], { class: "grid" }), svg);
    text(svg, across(value), TOP + SIDE + 18, value, "middle");
    text(svg, LEFT - 8, down(value) + 4, value, "end");
  }
  text(svg, LEFT + SIDE / 2, TOP + SIDE + 40, data.xTitle, "middle");
  const turned = text(svg, 0, 0, data.yTitle, "middle");
  turned.setAttribute("transform", `translate(16 ${TOP + SIDE / 2}) rotate(-90)`);
}

function text(svg, x, y, content, anchor) {
  const made = node("text", { x, y, "text-anchor": anchor }, svg);
  made.textContent = content;
  return made;
}

function ends([x0, y0, x1, y1], more = {}) {
  return { x1: across(x0), y1: down(y0), x2: across(x1), y2: down(y1), ...more };
}

function move(dot, x, y) {
  dot.setAttribute("cx", across(x));
  dot.setAttribute("cy", down(y));
}

function node(name, attributes, parent) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent?.append(made);
  return made;
}
