// Training curves of many runs: chosen, filtered, smoothed, averaged, zoomed and saved right here.
//
// Called by Streamlit at mount and at every change of `data` (made by __init__.py,
// unpacked in series.js):
//   runs     [{name, label, title, told, architecture, recipe, configuration, seed, tags, status,
//              doubtful, colour, symbol, best_epoch, best, epochs, stamp, rows, columns, values, factors}]
//            `values`: float32, column after column; `factors`: epochs in other units
//   metrics  [{name, title}]
//   look     {colours, symbols, t95}
//   state    what is chosen, as a link or the session has it; `asked` changes when a new one is given
// It reports `state` once the hand rests. Everything else asks the server nothing.

const REPORT_AFTER_MS = 350;
const GROUPS = ["run", "architecture", "recipe", "configuration", "seed", "status", "tags"];
const FACETS = { none: "figure", side: "side", architecture: "architecture", recipe: "recipe",
  configuration: "configuration", seed: "seed", status: "status", tags: "tags", run: "run" };

export default function mount({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".curves");
  if (!root) return;
  const curves = root.curves ?? (root.curves = new Curves(root));
  curves.report = (state) => setStateValue("state", state);
  curves.show(unpacked(data));
}

class Curves {
  constructor(root) {
    this.root = root;
    this.tables = new Map();
    this.stamps = new Map();
    this.cursor = this.emphasised = null;
    this.list = new RunList(this);
    this.controls = new CurveControls(this);
    this.grid = new Grid(this);
    // On a phone the curves come first; where there is room nothing can be folded.
    const narrow = matchMedia("(max-width: 760px)");
    const fold = () => root.querySelectorAll("details").forEach((part) => { part.open = !narrow.matches; });
    narrow.addEventListener("change", fold);
    fold();
    new ResizeObserver(() => this.grid.resized() && this.draw()).observe(root.querySelector(".panels"));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  show(data) {
    for (const run of data.runs) {
      if (this.stamps.get(run.name) === run.stamp) continue;
      this.stamps.set(run.name, run.stamp);
      this.tables.set(run.name, new Table(run));
    }
    const told = this.data?.asked !== data.asked;
    this.data = data;
    if (told) this.state = structuredClone(data.state);
    const known = new Set(data.runs.map((run) => run.name));
    this.state.runs = this.state.runs.filter((name) => known.has(name));
    this.controls.offer();
    this.changed(false);
    // Hundreds of rows can wait until the curves are on the screen.
    painted().then(() => { this.list.build(); this.list.refresh(); });
  }

  set(changes) {
    Object.assign(this.state, changes);
    // A zoom of one axis means nothing on another.
    if ("x" in changes || "logx" in changes) this.state.zoom = this.state.at = null;
    if ("difference" in changes || "logy" in changes) this.state.zoomY = {};
    this.changed();
  }

  changed(tell = true) {
    const started = performance.now();
    this.plan = new Plan(this.data, this.tables, this.state);
    this.list.refresh();
    this.controls.refresh();
    this.grid.arrange();
    this.drawNow();
    Object.assign(this.root.dataset, {
      runs: this.plan.runs.length, panels: this.plan.panels.length,
      lines: this.plan.panels.reduce((sum, panel) => sum + panel.lines.length, 0),
      at: this.state.at ?? "", state: JSON.stringify(this.state),
      took: (performance.now() - started).toFixed(0),
      changes: Number(this.root.dataset.changes ?? 0) + 1,
    });
    if (tell) this.tell();
  }

  // Tell the server when the hand rests: the address and the tables below follow.
  tell() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.report({ ...structuredClone(this.state), asked: this.data.asked }), REPORT_AFTER_MS);
  }

  choose(names) { this.set({ runs: names }); }

  toggle(name) {
    const { runs } = this.state;
    this.choose(runs.includes(name) ? runs.filter((one) => one !== name) : [...runs, name]);
  }

  pin(name) {
    const pinned = this.state.pinned === name ? "" : name;
    this.set({ pinned, difference: pinned ? this.state.difference : false });
  }

  emphasise(names) {
    this.emphasised = names ? new Set(names) : null;
    this.draw();
  }

  point(x) {
    if (x === this.cursor) return;
    this.cursor = x;
    this.draw();
  }

  zoomTo(zoom, metric = null, zoomY = null) {
    // As many digits as the address has, so that a link shows the very same.
    const told = (range) => range.map((value) => Number(value.toPrecision(7)));
    if (zoom) this.state.zoom = told(zoom);
    if (metric) this.state.zoomY = { ...this.state.zoomY, [metric]: told(zoomY) };
    this.changed();
  }

  fit() { this.set({ zoom: null, zoomY: {} }); }

  get range() {
    const lists = this.plan.panels.flatMap((panel) => panel.lines.map((line) => line.x));
    return extent(lists, this.state.logx, false);
  }

  zoomBy(factor) {
    const whole = this.range, [low, high] = this.state.zoom ?? whole ?? [0, 1];
    const middle = this.cursor ?? (low + high) / 2;
    const zoom = [middle - (middle - low) * factor, middle + (high - middle) * factor];
    if (!whole || (zoom[0] <= whole[0] && zoom[1] >= whole[1])) this.set({ zoom: null });
    else this.zoomTo([Math.max(zoom[0], whole[0]), Math.min(zoom[1], whole[1])]);
  }

  moveBy(share) {
    const whole = this.range, { zoom } = this.state;
    if (!zoom || !whole) return;
    const room = zoom[1] - zoom[0];
    const low = Math.max(whole[0], Math.min(whole[1] - room, zoom[0] + share * room));
    this.zoomTo([low, low + room]);
  }

  hold(x) { this.set({ at: this.state.at === x ? null : x }); }

  look() {
    const style = getComputedStyle(this.root);
    return { ink: style.color, family: style.fontFamily,
      faint: style.getPropertyValue("--st-border-color").trim() || "#8888",
      ground: style.getPropertyValue("--st-background-color").trim() || "#fff" };
  }

  draw() {
    if (this.due) return;
    this.due = requestAnimationFrame(() => { this.due = null; this.drawNow(); });
  }

  drawNow() {
    if (!this.plan) return;
    this.grid.draw(this.look());
    this.controls.held();
    const times = this.root.dataset.drawn = Number(this.root.dataset.drawn ?? 0) + 1;
    // For whoever measures: when the first picture was on the screen.
    if (times === 1) painted().then(() => performance.mark("first curves"));
  }
}

// Until what was drawn is on the screen: the second frame begins when the first is there.
function painted() {
  return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}
