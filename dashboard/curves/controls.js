// Buttons, menus and keys of the curves, and the words around the panels.

const CURVE_KEYS = [
  ["Drag", "zoom every panel along x"], ["Drag upright", "zoom one figure along y"],
  ["Click", "hold this point and list its values"], ["Double click, 0", "whole range"],
  ["+  −", "zoom in and out"], ["Arrows", "move"], ["[  ]", "less and more smoothing"],
  ["L", "log y"], ["C", "clip outliers"], ["F", "full screen"], ["Esc", "let go of a held point"],
];

class CurveControls {
  constructor(curves) {
    this.curves = curves;
    const { root } = curves;
    this.one = (selector) => root.querySelector(selector);
    for (const input of root.querySelectorAll(".settings [data-set]")) {
      const read = { range: () => Number(input.value), checkbox: () => input.checked }[input.type] ?? (() => input.value);
      input.oninput = () => curves.set({ [input.dataset.set]: read() });
    }
    const actions = {
      unsmooth: () => curves.set({ smoothing: 0 }),
      fit: () => curves.fit(),
      full: () => this.fullScreen(),
      save: () => this.unfold(".saving", "save"),
      keys: () => this.unfold(".keys", "keys"),
    };
    for (const [name, act] of Object.entries(actions)) this.one(`[data-do="${name}"]`).onclick = act;
    for (const button of root.querySelectorAll("[data-save]")) {
      button.onclick = () => save(curves, button.dataset.save, {
        width: Number(this.one('[data-size="width"]').value), height: Number(this.one('[data-size="height"]').value) });
    }
    root.onkeydown = (event) => this.key(event);
    this.one(".keys").append(...CURVE_KEYS.flatMap(([key, meaning]) => [made("b", "", key), made("span", "", meaning)]));
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.curves.root.requestFullscreen?.();
  }

  unfold(selector, button) {
    const box = this.one(selector);
    box.hidden = !box.hidden;
    this.one(`[data-do="${button}"]`).setAttribute("aria-expanded", !box.hidden);
  }

  key(event) {
    const { curves } = this, { state } = curves;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^(INPUT|SELECT)$/.test(event.target.tagName)) return;
    const smoothing = (by) => curves.set({ smoothing: Math.max(0, Math.min(0.99, Number((state.smoothing + by).toFixed(2)))) });
    const actions = {
      "+": () => curves.zoomBy(0.7), "=": () => curves.zoomBy(0.7), "-": () => curves.zoomBy(1 / 0.7),
      0: () => curves.fit(), arrowleft: () => curves.moveBy(-0.2), arrowright: () => curves.moveBy(0.2),
      "[": () => smoothing(-0.1), "]": () => smoothing(0.1), l: () => curves.set({ logy: !state.logy }),
      c: () => curves.set({ clip: !state.clip }), f: () => this.fullScreen(),
    };
    if (state.at !== null) actions.escape = () => curves.set({ at: null });
    const key = event.key.toLowerCase();
    if (!actions[key] || (key.startsWith("arrow") && !state.zoom)) return;
    event.preventDefault();
    event.stopPropagation();
    actions[key]();
  }

  // What can be chosen, as far as it depends on the runs.
  offer() {
    const { curves } = this, { data } = curves;
    const box = this.one(".metrics"), key = JSON.stringify(data.metrics);
    if (box.dataset.of !== key) {
      box.dataset.of = key;
      box.replaceChildren(...data.metrics.map(({ name, title }) => {
        const button = made("button", "", title.split(" (")[0]);
        button.dataset.metric = name;
        button.title = title;
        button.onclick = () => {
          const { metrics } = curves.state;
          curves.set({ metrics: metrics.includes(name) ? metrics.filter((one) => one !== name)
            : data.metrics.map((one) => one.name).filter((one) => one === name || metrics.includes(one)) });
        };
        return button;
      }));
    }
    options(this.one('[data-set="x"]'), Object.entries(AXES).map(([name, title]) => [name, title.toLowerCase()]));
    const settings = data.settings.map((name) => [SETTING + name, name.replaceAll("_", " ")]);
    options(this.one('[data-set="group"]'), [...GROUPS.map((name) => [name, name]), ...settings]);
    options(this.one('[data-set="facet"]'), [...Object.entries(FACETS), ...settings]);
  }

  refresh() {
    const { curves } = this, { state, plan } = curves;
    for (const button of this.one(".metrics").children) press(button, state.metrics.includes(button.dataset.metric));
    for (const input of curves.root.querySelectorAll(".settings [data-set]")) {
      if (input.type === "checkbox") input.checked = state[input.dataset.set];
      else if (input.value !== String(state[input.dataset.set])) input.value = state[input.dataset.set];
    }
    this.one('output[data-of="smoothing"]').textContent = state.smoothing ? state.smoothing.toFixed(2) : "off";
    this.one('[data-do="unsmooth"]').disabled = !state.smoothing;
    this.one('[data-for="band"]').hidden = state.group === "run";
    this.one('[data-for="difference"]').hidden = !plan.baseline;
    this.one(".pinned").textContent = plan.baseline?.label ?? "";
    this.one('[data-do="fit"]').disabled = !state.zoom && !Object.keys(state.zoomY).length;
    this.one(".empty").textContent = this.emptiness();
    this.one(".key").textContent = this.explained();
    const many = plan.panels.some((panel) => panel.lines.length > MANY);
    this.one(".legend").replaceChildren(...(many || plan.groups.length > MANY ? [] : plan.groups.map((group) => {
      const item = made("span", "item");
      item.append(swatch(group), made("span", "", group.label));
      item.onpointerenter = () => curves.emphasise(plan.aggregates ? [group.name] : group.runs.map((run) => run.name));
      item.onpointerleave = () => curves.emphasise(null);
      return item;
    })));
  }

  explained() {
    const { state, plan } = this.curves;
    if (!plan.panels.length) return "";
    if (plan.panels.some((panel) => panel.lines.length > MANY)) {
      return `More than ${MANY} lines: drawn thin, training and validation alike, without rings.`;
    }
    const sides = { both: "Solid: training. Dashed: validation.", train: "Training.", validation: "Validation, dashed." }[state.sides];
    const stopped = plan.runs.some((run) => run.stop_epoch !== null) ? " Upright bar: stopped early." : "";
    const best = plan.aggregates || state.sides === "train" ? "" : ` Ring: best epoch.${stopped}`;
    const smoothed = state.smoothing && !plan.aggregates ? " Faint: as recorded." : "";
    const band = plan.aggregates ? ` Line: mean over the runs of a group; band: ${
      { minmax: "lowest to highest", sd: "one standard deviation", ci: "95 % interval of the mean" }[state.band]}, from two runs on.` : "";
    return sides + best + smoothed + band;
  }

  emptiness() {
    const { state, plan } = this.curves;
    if (!state.runs.length) return "No run is chosen. Tick one or more in the list.";
    if (!state.metrics.length) return "No figure is chosen. Press one or more above.";
    const titles = new Map(this.curves.data.metrics.map((metric) => [metric.name, metric.title]));
    const listed = (runs) => runs.slice(0, 4).map((run) => run.label).join(", ")
      + (runs.length > 4 ? ` and ${runs.length - 4} more` : "");
    const sentences = plan.missing.map(({ metric, runs }) =>
      `${titles.get(metric) ?? metric} was not recorded by ${listed(runs)}.`);
    if (plan.unplaced.length) {
      sentences.push(`Not known of ${listed(plan.unplaced)}, so not drawn: ${AXES[state.x].toLowerCase()}.`);
    }
    return sentences.join(" ");
  }

  // The values at the held point, a row per line.
  held() {
    const { curves } = this, { state, plan } = curves, box = this.one(".held");
    box.hidden = state.at === null;
    if (box.hidden) return;
    const key = JSON.stringify([state, plan.runs.map((run) => run.stamp)]);
    if (box.dataset.of === key) return;
    box.dataset.of = key;
    const rows = new Map();
    const heads = [...new Set(plan.panels.map((panel) => panel.title))];
    for (const panel of plan.panels) {
      for (const line of panel.lines) {
        const name = `${line.label}, ${line.side}`, i = nearest(line.x, state.at);
        // Only what was recorded there: the end of a shorter run is not its value later on.
        if (Math.abs(line.x[i] - state.at) > Math.abs(state.at) * 1e-3 && state.x !== "seconds") continue;
        if (!rows.has(name)) rows.set(name, { line, values: new Map() });
        rows.get(name).values.set(panel.title, line.y[i]);
      }
    }
    const table = made("table"), top = made("tr");
    top.append(made("th", "", `At ${state.x} ${written(state.at)}`), ...heads.map((title) => made("th", "", title)));
    table.append(top, ...[...rows].map(([name, { line, values }]) => {
      const row = made("tr"), first = made("td");
      first.append(swatch(line), made("span", "", ` ${name}`));
      row.append(first, ...heads.map((title) => made("td", "number", written(values.get(title) ?? NaN))));
      return row;
    }));
    const close = made("button", "", "Let go");
    close.onclick = () => curves.set({ at: null });
    box.replaceChildren(table, close);
  }
}

function options(select, choices) {
  const key = JSON.stringify(choices);
  if (select.dataset.of === key) return;
  select.dataset.of = key;
  select.replaceChildren(...choices.map(([value, text]) => new Option(text, value)));
}
