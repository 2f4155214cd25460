// The list of runs: filter, choose, pin. What is chosen stays chosen whatever the filter says.

class RunList {
  constructor(curves) {
    this.curves = curves;
    const { root } = curves;
    this.box = root.querySelector(".list");
    this.filters = root.querySelector(".filters");
    this.rows = new Map();
    root.querySelector('[data-set="text"]').oninput = (event) => curves.set({ text: event.target.value });
    const actions = {
      all: () => curves.choose([...new Set([...curves.state.runs, ...this.offered()])]),
      only: () => curves.choose(this.offered()),
      none: () => curves.choose([]),
      filters: () => this.openFilters(this.filters.hidden),
    };
    for (const [name, act] of Object.entries(actions)) root.querySelector(`[data-do="${name}"]`).onclick = act;
  }

  offered() {
    const { curves } = this;
    return filtered(curves.data.runs, curves.state).offered.map((run) => run.name);
  }

  openFilters(open) {
    this.filters.hidden = !open;
    this.curves.root.querySelector('[data-do="filters"]').setAttribute("aria-expanded", open);
  }

  // Rows and filter choices, made anew only when other runs are there.
  build() {
    const { runs } = this.curves.data, key = JSON.stringify(runs.map((run) => [run.name, run.label, run.best, run.epochs, run.tags]));
    if (this.key === key) return;
    this.key = key;
    this.rows = new Map(runs.map((run) => [run.name, this.row(run)]));
    this.box.replaceChildren(...[...this.rows.values()].map(({ row }) => row));
    this.filters.replaceChildren(...FILTERS.map(({ name, of }) => {
      const values = [...new Set(runs.flatMap(of))].sort();
      const box = made("fieldset"), legend = made("legend", "", name);
      box.append(legend, ...values.map((value) => {
        const label = made("label"), input = made("input");
        input.type = "checkbox";
        Object.assign(input.dataset, { filter: name, value });
        input.onchange = () => {
          const chosen = new Set(this.curves.state[name]);
          if (input.checked) chosen.add(value); else chosen.delete(value);
          this.curves.set({ [name]: [...chosen] });
        };
        label.append(input, made("span", "", value));
        return label;
      }));
      box.hidden = values.length < 2;
      return box;
    }));
    if (FILTERS.some(({ name }) => this.curves.state[name].length)) this.openFilters(true);
  }

  row(run) {
    const { curves } = this;
    const row = made("div", "run"), label = made("label"), input = made("input");
    input.type = "checkbox";
    input.dataset.run = run.name;
    input.onchange = () => curves.toggle(run.name);
    const name = made("span", "name", run.label);
    const facts = made("span", "facts", run.best === null ? run.status : `${run.best_title} ${written(run.best)}`);
    label.title = [run.title, `${run.epochs} epochs`, run.status, run.doubtful].filter(Boolean).join("\n");
    label.append(input, swatch(run), name, facts);
    if (run.doubtful) name.append(made("span", "doubtful", " ⚠"));
    const pin = made("button", "pin", "⚲");
    pin.title = "Take it for the baseline that others are held against";
    pin.setAttribute("aria-label", `Baseline: ${run.label}`);
    pin.onclick = () => curves.pin(run.name);
    row.append(label, pin);
    row.onpointerenter = () => { if (curves.state.runs.includes(run.name)) curves.emphasise(this.linesOf(run)); };
    row.onpointerleave = () => curves.emphasise(null);
    return { row, input, pin };
  }

  linesOf(run) {
    const group = this.curves.plan.groups.find((one) => one.runs.includes(run));
    return this.curves.plan.aggregates ? [group?.name] : [run.name];
  }

  refresh() {
    const { curves } = this, { state, data } = curves, chosen = new Set(state.runs);
    const { offered, problem } = filtered(data.runs, state), fits = new Set(offered.map((run) => run.name));
    for (const [name, { row, input, pin }] of this.rows) {
      input.checked = chosen.has(name);
      row.hidden = !fits.has(name) && !chosen.has(name);
      row.classList.toggle("outside", !fits.has(name));
      press(pin, state.pinned === name);
    }
    for (const input of this.filters.querySelectorAll("input")) {
      input.checked = state[input.dataset.filter].includes(input.dataset.value);
    }
    const text = curves.root.querySelector('[data-set="text"]');
    if (text.value !== state.text) text.value = state.text;
    curves.root.querySelector(".problem").textContent = problem ?? "";
    curves.root.querySelector(".count").textContent = `${chosen.size} drawn, ${offered.length} of ${data.runs.length} fit`;
  }
}

function press(button, on) {
  button.setAttribute("aria-pressed", Boolean(on));
}
