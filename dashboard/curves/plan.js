// What is to be drawn: from the runs and the settings to panels of lines. Knows no pixels.

const SIDES = ["train", "validation"];
const COLUMN = { train: (metric) => metric, validation: (metric) => `val_${metric}` };

// Whether a run fits the filter. Words must all occur in its name, title, architecture or tags;
// /.../ is a regular expression that one of these must match.
function matcher(text) {
  const pattern = /^\/(.+)\/$/.exec(text.trim());
  if (pattern) {
    try {
      const expression = new RegExp(pattern[1], "i");
      return { test: (run) => run.told.some((words) => expression.test(words)) };
    } catch (error) {
      return { test: () => true, problem: `This is no regular expression: ${error.message}` };
    }
  }
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return { test: (run) => {
    const told = run.told.join("\n").toLowerCase();
    return words.every((word) => told.includes(word));
  } };
}

// The runs on offer: those that fit the filter.
function filtered(runs, state) {
  const { test, problem } = matcher(state.text);
  const fits = (run) => test(run)
    && FILTERS.every(({ name, of }) => !state[name].length
      || of(run).some((value) => state[name].includes(value)));
  return { offered: runs.filter(fits), problem };
}

const FILTERS = [
  { name: "architecture", of: (run) => [run.architecture] },
  { name: "recipe", of: (run) => [run.recipe] },
  { name: "seed", of: (run) => [run.seed] },
  { name: "status", of: (run) => [run.status] },
  { name: "tag", of: (run) => run.tags },
];

// What a run belongs to when lines are grouped or panels divided: one of these, or a setting.
function belonging(name) {
  return KEY[name] ?? ((run) => run.settings[name.slice(SETTING.length)] ?? "not told");
}

const SETTING = "setting:";
const KEY = {
  run: (run) => run.label,
  architecture: (run) => run.architecture,
  recipe: (run) => run.recipe,
  configuration: (run) => run.configuration,
  seed: (run) => run.seed,
  status: (run) => run.status,
  tags: (run) => run.tags.join(", ") || "no tag",
};

class Plan {
  constructor(data, tables, state) {
    Object.assign(this, { data, tables, state });
    const known = new Map(data.runs.map((run) => [run.name, run]));
    this.runs = state.runs.map((name) => known.get(name)).filter(Boolean);
    this.baseline = known.get(state.pinned) ?? null;
    this.groups = this.grouped();
    this.missing = []; // {metric, runs}: what was not recorded
    this.unplaced = this.runs.filter((run) => run.rows && !tables.get(run.name)?.get(state.x));
    this.panels = state.metrics.flatMap((metric) => this.panelsOf(metric))
      .filter((panel) => panel.lines.length);
  }

  get aggregates() { return this.state.group !== "run" && this.state.band !== "runs"; }

  // Groups in the order of their names, each with a colour of its own; of one run: the run's.
  grouped() {
    const { state, data } = this, key = belonging(state.group);
    const names = [...new Set(this.runs.map(key))];
    if (state.group === "run") {
      return this.runs.map((run) => ({
        name: run.label, runs: [run], colour: run.colour, symbol: run.symbol, label: run.label }));
    }
    // By the names of all stored runs, so that a group keeps its colour whatever is chosen.
    const all = [...new Set(data.runs.map(key))].sort();
    return names.sort().map((name) => {
      const runs = this.runs.filter((run) => key(run) === name), at = all.indexOf(name);
      return { name, runs, colour: data.look.colours[at % data.look.colours.length],
        symbol: data.look.symbols[Math.floor(at / data.look.colours.length) % data.look.symbols.length],
        label: runs.length > 1 ? `${name} (${runs.length})` : name };
    });
  }

  panelsOf(metric) {
    const { facet, sides } = this.state, drawn = SIDES.filter((side) => sides === "both" || side === sides);
    const recorded = (run, side) => this.tables.get(run.name)?.get(COLUMN[side](metric));
    const without = this.runs.filter((run) => !drawn.some((side) => recorded(run, side)));
    if (without.length) this.missing.push({ metric, runs: without });
    if (without.length === this.runs.length) return [];
    if (facet === "side") {
      return drawn.map((side) => this.panel(metric, side, this.groups, [side]));
    }
    if (facet === "none") return [this.panel(metric, "", this.groups, drawn)];
    const key = belonging(facet);
    return [...new Set(this.runs.map(key))].sort().map((value) => {
      const groups = this.groups.map((group) => ({
        ...group, runs: group.runs.filter((run) => key(run) === value) }));
      return this.panel(metric, value, groups.filter((group) => group.runs.length), drawn);
    });
  }

  panel(metric, facet, groups, sides) {
    const lines = groups.flatMap((group) => sides.flatMap((side) => this.lines(metric, side, group)));
    const title = this.data.metrics.find((one) => one.name === metric)?.title ?? metric;
    return { id: `${metric}|${facet}`, metric, facet, title, lines: lines.filter((line) => line.y.length) };
  }

  lines(metric, side, group) {
    const members = group.runs.map((run) => this.member(metric, side, run)).filter(Boolean);
    const dash = side === "validation" ? [6, 4] : [];
    const look = { side, dash, colour: group.colour, symbol: group.symbol, group: group.name };
    if (!this.aggregates) {
      return members.map((one) => ({ ...look, ...one, label: one.run.label, n: null }));
    }
    if (!members.length) return [];
    const mean = averaged(members, this.state.band, this.data.look.t95);
    return [{ ...look, ...mean, label: group.label, raw: null, best: null, stop: null, run: null, members }];
  }

  // One run's curve: what is drawn (y), and as it was recorded (raw) where that differs.
  member(metric, side, run) {
    const table = this.tables.get(run.name), recorded = table?.get(COLUMN[side](metric));
    if (!recorded) return null;
    const { state } = this, epoch = table.get("epoch");
    let raw = recorded;
    if (state.difference && this.baseline) {
      const base = this.tables.get(this.baseline.name), other = base?.get(COLUMN[side](metric));
      if (!other) return null;
      raw = minus(recorded, epoch, other, base.get("epoch"));
    }
    const y = smooth(raw, state.smoothing), x = table.get(state.x);
    if (!x) return null;
    const at = (wanted, values) => {
      const i = side === "validation" && wanted !== null ? epoch.indexOf(wanted) : -1;
      return i < 0 || Number.isNaN(values[i]) ? null : { x: x[i], y: values[i] };
    };
    return { run, epoch, x, y, raw: y === raw ? null : raw, best: at(run.best_epoch, raw), stop: at(run.stop_epoch, y) };
  }

  // Every value that is drawn, as rows of a table: what the CSV holds.
  rows() {
    return this.panels.flatMap((panel) => panel.lines.flatMap((line) =>
      Array.from(line.y, (value, i) => ({
        metric: panel.metric, side: line.side, line: line.run?.name ?? line.group, facet: panel.facet,
        epoch: line.epoch[i], [this.state.x]: line.x[i], plotted: value,
        raw: line.run ? (line.raw ?? line.y)[i] : NaN,
        low: line.low?.[i] ?? NaN, high: line.high?.[i] ?? NaN, n: line.n?.[i] ?? 1,
      })).filter((row) => !Number.isNaN(row.plotted))));
  }
}
