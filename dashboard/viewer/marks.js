// Rectangles and measured lines: drawn by hand or by keyboard, chosen, moved and taken away one by
// one. Works on a Viewer.

const SMALLEST_SHARE = 0.01; // of the picture: a smaller rectangle was a slip
const SHORTEST_PX = 4; // of the page: a shorter line was one
const DRAWN = { blank: "blank", region: "region", measure: "line" }; // mode -> what it draws
const FIRST_SHARE = 0.1; // of what is seen: half of what the keyboard begins with
const STEP_SHARE = 0.01;
const GRIP_PX = 16;

class Marks {
  constructor(viewer) {
    this.viewer = viewer;
    this.draft = this.chosen = null;
  }

  get kept() { return this.viewer.kept; }
  get locked() { return this.viewer.data.locked; }
  get regions() { return this.kept.altered.rectangles.filter((one) => one.kind === "region"); }

  // Whether the mode that is on may draw anything now.
  get draws() {
    const kind = DRAWN[this.viewer.mode];
    return kind === "region" && this.locked ? null : kind ?? null;
  }

  forget() {
    this.draft = this.chosen = null;
  }

  choose(region) {
    this.chosen = this.chosen === region ? null : region;
    this.viewer.changed();
  }

  // The smallest finding at a place.
  at(place) {
    return this.regions.filter((one) => inside(place, one))
      .sort((a, b) => a.width * a.height - b.width * b.height)[0] ?? null;
  }

  // A press of the pointer: what it begins to draw, move or size; null if nothing.
  begin(event) {
    const { view } = this.viewer, place = view.share(event);
    if (this.chosen && !this.locked) {
      const held = { ...shape(this.chosen), instead: this.chosen };
      const grip = view.onScreen(this.grip(this.chosen)), seen = view.onScreen(place);
      if (Math.hypot(grip.x - seen.x, grip.y - seen.y) < GRIP_PX) {
        return { ...held, from: this.opposite(this.chosen), to: place };
      }
      if (inside(place, this.chosen)) return { ...held, grab: place };
    }
    return this.draws ? { kind: this.draws, from: place, to: place } : null;
  }

  // The corner that is at the lower right of the screen, and the one opposite.
  grip(box) { return this.corner(box, 1); }
  opposite(box) { return this.corner(box, 0); }

  corner(box, end) {
    const { u, v } = turned({ u: end, v: end }, -this.viewer.view.kept.turns);
    return { u: box.x + u * box.width, v: box.y + v * box.height };
  }

  // What a shape that was begun becomes with the pointer at `place`.
  follow(begun, place) {
    if (!begun.grab) return { ...begun, to: { u: within(place.u), v: within(place.v) } };
    const dx = place.u - begun.grab.u, dy = place.v - begun.grab.v;
    return { ...nudged(begun, dx, dy, false, 0), grab: begun.grab };
  }

  // Keep what was drawn, unless it was a slip.
  keep(one) {
    const { altered, lines } = this.kept;
    this.draft = null;
    if (one.kind === "line") {
      const [from, to] = [one.from, one.to].map((end) => this.viewer.view.onScreen(end));
      if (Math.hypot(to.x - from.x, to.y - from.y) > SHORTEST_PX) {
        lines.push({ from: one.from, to: one.to });
      }
    } else {
      const drawn = rectangle(one), at = altered.rectangles.indexOf(one.instead);
      if (Math.min(drawn.width, drawn.height) >= 0.999 * SMALLEST_SHARE) {
        if (at < 0) altered.rectangles.push(drawn);
        else altered.rectangles[at] = this.chosen = drawn;
      }
    }
    this.viewer.changed();
  }

  remove(region) {
    if (this.locked) return;
    const { altered } = this.kept;
    altered.rectangles = altered.rectangles.filter((one) => one !== region);
    if (this.chosen === region) this.chosen = null;
    this.viewer.changed();
  }

  removeLine(line = this.kept.lines.at(-1)) {
    this.kept.lines = this.kept.lines.filter((one) => one !== line);
    this.viewer.changed();
  }

  // Take away everything of the reader's but what is locked.
  clear() {
    const { altered } = this.kept;
    this.forget();
    this.kept.lines = [];
    altered.superpixels = [];
    altered.rectangles = this.locked ? this.regions : [];
    this.viewer.changed();
  }

  // By keyboard: begin in the middle of what is seen, or keep what was begun.
  enter() {
    if (this.draft) {
      this.keep(this.draft);
      return;
    }
    const { view } = this.viewer, { u, v } = view.middle, reach = FIRST_SHARE / view.kept.zoom;
    const ends = this.draws === "line" ? turnedStep({ x: reach, y: 0 }, -view.kept.turns)
      : { x: reach, y: reach };
    this.draft = {
      kind: this.draws, typed: true,
      from: { u: u - ends.x, v: v - ends.y }, to: { u: u + ends.x, v: v + ends.y },
    };
    this.viewer.changed();
  }

  // Whether an arrow key has something to move here.
  get held() { return this.draft ?? (this.locked ? null : this.chosen); }

  arrow(x, y, size) {
    const { kept } = this.viewer.view, step = STEP_SHARE / kept.zoom;
    const move = (one) => nudged(one, x * step, y * step, size, kept.turns);
    if (this.draft) this.draft = move(this.draft);
    else {
      const { rectangles } = this.kept.altered;
      const moved = rectangle(move(shape(this.chosen)));
      rectangles[rectangles.indexOf(this.chosen)] = moved;
      this.chosen = moved;
    }
    this.viewer.changed();
  }

  // What is on the picture, in words: of each finding and each line.
  get list() {
    const { scale, view } = this.viewer, { turns } = view.kept;
    return [
      ...this.regions.map((region, i) => ({
        region, name: letter(i),
        words: `${whereabouts(region, turns)}, ${scale.sayBox(region, turns)}`,
      })),
      ...this.kept.lines.map((line, i) => ({
        line, name: `${i + 1}`, words: scale.say(scale.length(line)),
      })),
    ];
  }

  // What the keyboard holds, for whoever cannot see it.
  get told() {
    const { draft } = this, { scale, view } = this.viewer;
    if (!draft?.typed) return "";
    if (draft.kind === "line") {
      return `Line of ${scale.say(scale.length(draft))}: arrows move it, Shift and arrows its end, Enter keeps it.`;
    }
    const box = rectangle(draft), { turns } = view.kept;
    return `Rectangle ${whereabouts(box, turns)}, ${scale.sayBox(box, turns)}: arrows move it, Shift and arrows size it, Enter keeps it.`;
  }
}
