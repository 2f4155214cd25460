// Buttons, sliders, keys, legends and the tip. Works on a Viewer; nothing of the data is ever put
// into the page as HTML.

const KEYS = [
  ["M", "mask: the strongest superpixels"],
  ["H", "heatmap"],
  ["O", "outlines of all superpixels"],
  ["S", "side by side"],
  ["W", "swipe between two"],
  ["P", "hide parts: [ and ] choose one, Enter hides it"],
  ["B", "blank a rectangle (drag)"],
  ["R", "mark a finding (drag)"],
  ["Backspace", "show everything again"],
  ["+  -  0", "zoom in, zoom out, fit"],
  ["Arrows", "move"],
  ["F", "full screen"],
  ["Esc", "leave a mode"],
];
const HINTS = {
  hide: "Click superpixels: the model's answer without them appears below.",
  blank: "Drag a rectangle: the model's answer without it appears below.",
  region: "Drag a rectangle around what you see. The model is not told of it.",
};

class Controls {
  constructor(viewer) {
    this.viewer = viewer;
    const { root } = viewer;
    this.all = (selector) => [...root.querySelectorAll(selector)];
    this.one = (selector) => root.querySelector(selector);
    for (const button of this.all("[data-toggle]")) {
      button.onclick = () => viewer.toggle(button.dataset.toggle);
    }
    for (const button of this.all("[data-layout]")) {
      button.onclick = () => viewer.set("layout", button.dataset.layout);
    }
    for (const button of this.all("[data-mode]")) {
      button.onclick = () => viewer.setMode(button.dataset.mode);
    }
    for (const input of this.all("[data-set]")) {
      input.oninput = () => viewer.set(
        input.dataset.set, input.type === "range" ? Number(input.value) : input.value);
    }
    const actions = {
      in: () => viewer.zoomBy(1.4),
      out: () => viewer.zoomBy(1 / 1.4),
      fit: () => viewer.fit(),
      full: () => this.fullScreen(),
      keys: () => this.showKeys(),
      reset: () => viewer.reset(),
    };
    for (const button of this.all("[data-do]")) button.onclick = actions[button.dataset.do];
    root.onkeydown = (event) => this.key(event);
    this.one(".keys").append(...KEYS.flatMap(([key, meaning]) => [
      element("b", "", key), element("span", "", meaning)]));
  }

  key(event) {
    const { viewer } = this;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // In a slider or a list the keys have their own meaning there.
    if (/^(INPUT|SELECT)$/.test(event.target.tagName) && event.key !== "Escape") return;
    if (event.target.tagName === "BUTTON" && /^(Enter| )$/.test(event.key)) return;
    const step = 40;
    const actions = {
      m: () => viewer.toggle("mask"),
      h: () => viewer.toggle("heat"),
      o: () => viewer.toggle("outlines"),
      s: () => viewer.set("layout", settings.layout === "side" ? "one" : "side"),
      w: () => viewer.set("layout", settings.layout === "swipe" ? "one" : "swipe"),
      "+": () => viewer.zoomBy(1.25),
      "=": () => viewer.zoomBy(1.25),
      "-": () => viewer.zoomBy(0.8),
      0: () => viewer.fit(),
      f: () => this.fullScreen(),
      "?": () => this.showKeys(),
      arrowleft: () => viewer.moveBy(step, 0),
      arrowright: () => viewer.moveBy(-step, 0),
      arrowup: () => viewer.moveBy(0, step),
      arrowdown: () => viewer.moveBy(0, -step),
    };
    if (viewer.data.tools) {
      Object.assign(actions, {
        p: () => viewer.setMode("hide"),
        b: () => viewer.setMode("blank"),
        r: () => viewer.setMode("region"),
        backspace: () => viewer.reset(),
      });
    }
    if (viewer.mode || !this.one(".keys").hidden) {
      actions.escape = () => { viewer.setMode(null); this.showKeys(false); };
    }
    if (viewer.mode === "hide") {
      actions["]"] = () => viewer.step(1);
      actions["["] = () => viewer.step(-1);
      actions.enter = actions[" "] = () => viewer.hideCursor();
    }
    const key = event.key.toLowerCase();
    // An arrow scrolls the page while there is nothing to move.
    if (!actions[key] || (key.startsWith("arrow") && viewer.view.zoom === 1)) return;
    event.preventDefault();
    event.stopPropagation();
    actions[key]();
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.viewer.root.requestFullscreen?.();
  }

  showKeys(on = this.one(".keys").hidden) {
    this.one(".keys").hidden = !on;
    this.one("[data-do=keys]").setAttribute("aria-expanded", on);
  }

  // Bring everything around the picture in line with what is drawn.
  refresh() {
    const { viewer } = this, { on, layers, altered } = viewer;
    const drawn = on.mask || on.heat;
    for (const button of this.all("[data-toggle]")) press(button, on[button.dataset.toggle]);
    for (const button of this.all("[data-layout]")) {
      press(button, settings.layout === button.dataset.layout);
    }
    for (const button of this.all("[data-mode]")) press(button, viewer.mode === button.dataset.mode);
    const some = altered.superpixels.length + altered.rectangles.length > 0;
    this.one("[data-do=reset]").disabled = !some;
    this.one(".tools").hidden = !viewer.data.tools;
    this.one(".hint").textContent = HINTS[viewer.mode] ?? "";
    const two = settings.layout !== "one";
    const wanted = {
      source: !two && layers.length > 1, left: two && layers.length > 0,
      right: two && layers.length > 0, sign: drawn && layers.length, rest: on.mask && layers.length,
      k: on.mask && layers.length, opacity: on.heat && layers.length, least: drawn && layers.length,
    };
    for (const label of this.all("[data-for]")) label.hidden = !wanted[label.dataset.for];
    this.one(".settings").hidden = !Object.values(wanted).some(Boolean);
    const choices = [["alone", "picture alone"], ...layers.map((l) => [l.id, l.title])];
    for (const name of ["source", "left", "right"]) {
      options(this.one(`[data-set=${name}]`), choices, viewer.shownIn(name));
    }
    for (const name of ["sign", "rest", "k", "opacity", "least"]) {
      this.one(`[data-set=${name}]`).value = settings[name];
    }
    const percent = (share) => `${Math.round(100 * share)} %`;
    this.say("k", settings.k);
    this.say("opacity", percent(settings.opacity));
    this.say("least", settings.least ? `${percent(settings.least)} of the strongest` : "none");
    this.one(".level").textContent = percent(viewer.view.zoom);
    this.legends(on.heat ? viewer.visible : []);
  }

  say(name, text) {
    this.one(`[data-for=${name}] output`).textContent = text;
  }

  legends(layers) {
    const box = this.one(".legends");
    const key = layers.map((layer) => layer.stamp).join(" ");
    if (box.dataset.of === key) return;
    box.dataset.of = key;
    box.replaceChildren(...layers.map((layer) => {
      const legend = element("div", "legend"), bar = element("div", "bar");
      const ends = element("div", "ends");
      bar.style.background = this.viewer.look.gradient;
      ends.append(
        element("span", "", `−${layer.limit.toPrecision(2)} ${layer.words.against}`),
        element("span", "", "0"),
        element("span", "", `+${layer.limit.toPrecision(2)} ${layer.words.for}`));
      legend.append(element("div", "", `${layer.title}: ${layer.words.meaning}`), bar, ends);
      return legend;
    }));
  }

  // Weight and interval of one superpixel, beside the pointer.
  tip(layer, superpixel, event) {
    const tip = this.one(".tip");
    tip.hidden = !layer;
    if (!layer) return;
    const { words } = layer, digits = words.unit === "log odds" ? 2 : 3;
    const signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(digits);
    const weight = layer.weights[superpixel], margin = layer.margins[superpixel];
    const odds = words.odds ? ` (${words.odds} × ${rounded(Math.exp(weight))})` : "";
    const interval = margin > 0
      ? `${words.interval} ${signed(weight - margin)} to ${signed(weight + margin)}` : "";
    const verdict = !layer.evidence[superpixel]
      ? (margin > 0 ? "Not evidence: the interval includes zero." : "Not evidence: no weight.")
      : `Speaks ${weight > 0 ? words.for : words.against}.`;
    tip.replaceChildren(
      element("div", "", `${signed(weight)} ${words.unit}${words.part}${odds}`),
      element("div", "", interval),
      element("div", "", `${verdict} Superpixel ${superpixel + 1} of ${layer.weights.length}.`));
    const box = this.viewer.frame.getBoundingClientRect();
    const x = event.clientX - box.left, y = event.clientY - box.top;
    tip.style.left = `${Math.max(0, Math.min(x + 14, box.width - tip.offsetWidth))}px`;
    tip.style.top = `${y + 20 + tip.offsetHeight > box.height ? y - tip.offsetHeight - 12 : y + 20}px`;
  }
}

// Two figures, never as a power of ten.
function rounded(value) {
  return value >= 10 ? Math.round(value).toLocaleString("en") : Number(value.toPrecision(2));
}

function press(button, on) {
  button.setAttribute("aria-pressed", Boolean(on));
}

function options(select, choices, chosen) {
  const key = JSON.stringify(choices);
  if (select.dataset.of !== key) {
    select.dataset.of = key;
    select.replaceChildren(...choices.map(([value, text]) => new Option(text, value)));
  }
  select.value = chosen;
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}
