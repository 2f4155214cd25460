// Where things are: in the picture, on the screen, in millimetres. A place is given in shares
// {u, v} of what it lies in, from the upper left corner; `turns` counts quarter turns clockwise.

const LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

// Where a place of the picture lies once the picture is turned. Turned back by -turns.
function turned({ u, v }, turns) {
  switch (((turns % 4) + 4) % 4) {
    case 1: return { u: 1 - v, v: u };
    case 2: return { u: 1 - u, v: 1 - v };
    case 3: return { u: v, v: 1 - u };
    default: return { u, v };
  }
}

// The same for a step {x, y}, which has a direction but no place.
function turnedStep({ x, y }, turns) {
  const end = turned({ u: 0.5 + x, v: 0.5 + y }, turns);
  return { x: end.u - 0.5, y: end.v - 0.5 };
}

// A shape runs between two opposite corners, or from one end of a line to the other.
function shape(rectangle) {
  return {
    kind: rectangle.kind,
    from: { u: rectangle.x, v: rectangle.y },
    to: { u: rectangle.x + rectangle.width, v: rectangle.y + rectangle.height },
  };
}

// In shares of the picture, within it.
function rectangle({ from, to, kind }) {
  const [left, right] = [within(from.u), within(to.u)].sort((a, b) => a - b);
  const [top, bottom] = [within(from.v), within(to.v)].sort((a, b) => a - b);
  return { kind, x: left, y: top, width: right - left, height: bottom - top };
}

function within(share) {
  return Math.max(0, Math.min(1, share));
}

function inside({ u, v }, box) {
  return u >= box.x && u <= box.x + box.width && v >= box.y && v <= box.y + box.height;
}

// Move a shape by (dx, dy) as it is seen on the screen, or, where `size` is set, only the corner at
// its lower right, or the end of a line. It never leaves the picture.
function nudged(one, dx, dy, size, turns) {
  const seen = { from: turned(one.from, turns), to: turned(one.to, turns) };
  if (one.kind !== "line") {
    const box = rectangle(seen);
    Object.assign(seen, shape(box));
  }
  const least = one.kind === "line" ? [-Infinity, -Infinity]
    : [seen.from.u + SMALLEST_SHARE, seen.from.v + SMALLEST_SHARE];
  const reach = (axis, step) => {
    const ends = [seen.from[axis], seen.to[axis]];
    return Math.max(-Math.min(...ends), Math.min(1 - Math.max(...ends), step));
  };
  if (size) {
    seen.to = {
      u: within(Math.max(least[0], seen.to.u + dx)), v: within(Math.max(least[1], seen.to.v + dy)),
    };
  } else {
    const x = reach("u", dx), y = reach("v", dy);
    seen.from = { u: seen.from.u + x, v: seen.from.v + y };
    seen.to = { u: seen.to.u + x, v: seen.to.v + y };
  }
  return { ...one, from: turned(seen.from, -turns), to: turned(seen.to, -turns) };
}

// Lengths on the original: `full` is its [width, height] in pixels, `spacing` the distance of
// neighbouring [rows, columns] in mm, or null where the file does not say it.
class Scale {
  constructor(full, spacing) {
    this.full = full;
    this.unit = spacing ? "mm" : "px";
    this.across = full[0] * (spacing ? spacing[1] : 1);
    this.down = full[1] * (spacing ? spacing[0] : 1);
  }

  // Between two places of the picture.
  length({ from, to }) {
    return Math.hypot((to.u - from.u) * this.across, (to.v - from.v) * this.down);
  }

  say(length) {
    return this.unit === "mm" ? `${length.toFixed(1)} mm` : `${Math.round(length)} px`;
  }

  // Of a rectangle as it is seen on the screen.
  sayBox(box, turns) {
    const sides = [box.width * this.across, box.height * this.down];
    if (turns % 2) sides.reverse();
    return `${sides.map((side) => Math.round(side)).join(" × ")} ${this.unit}`;
  }
}

// A, B, ... Z, AA, AB, ...
function letter(index) {
  const rest = Math.floor(index / LABELS.length);
  return (rest ? letter(rest - 1) : "") + LABELS[index % LABELS.length];
}

// Roughly where on the screen a rectangle lies, in words.
function whereabouts(box, turns) {
  const middle = turned({ u: box.x + box.width / 2, v: box.y + box.height / 2 }, turns);
  const third = (share, names) => names[Math.min(2, Math.floor(3 * share))];
  const row = third(middle.v, ["upper", "middle", "lower"]);
  const column = third(middle.u, ["left", "centre", "right"]);
  return row === "middle" && column === "centre" ? "centre" : `${row} ${column}`;
}
