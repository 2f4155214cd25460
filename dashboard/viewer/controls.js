// Buttons, sliders, lists, legends and the tip. Works on a Viewer; nothing of the data is ever put
// into the page as HTML.

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
      button.onclick = () => {
        viewer.setMode(button.dataset.mode);
        if (viewer.mode) viewer.frame.focus({ preventScroll: true }); // where its keys are heard
      };
    }
    for (const input of this.all("[data-set]")) {
      input.oninput = () => viewer.set(
        input.dataset.set, input.type === "range" ? Number(input.value) : input.value);
    }
    const actions = {
      in: () => viewer.sight.zoomBy(1.4),
      out: () => viewer.sight.zoomBy(1 / 1.4),
      fit: () => viewer.sight.fit(),
      whole: () => viewer.sight.whole(),
      full: () => this.fullScreen(),
      keys: () => this.showKeys(),
      reset: () => viewer.marks.clear(),
      invert: () => viewer.sight.invert(),
      turn: () => viewer.sight.turn(),
      opened: () => viewer.sight.asOpened(),
    };
    for (const button of this.all("[data-do]")) button.onclick = actions[button.dataset.do];
    this.one(".preset").onchange = ({ target }) => viewer.sight.preset(Number(target.value));
    root.onkeydown = (event) => this.key(event);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // In a slider or a list the keys have their own meaning there.
    if (/^(INPUT|SELECT)$/.test(event.target.tagName) && event.key !== "Escape") return;
    if (event.target.tagName === "BUTTON" && /^(Enter| )$/.test(event.key)) return;
    const act = action(this.viewer, this, event);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.viewer.root.requestFullscreen?.();
  }

  get keysShown() { return !this.one(".keys").hidden; }

  showKeys(on = !this.keysShown) {
    const offered = KEYS.filter(([, , needs]) => !needs || this.viewer.offers(needs));
    this.one(".keys").replaceChildren(...offered.flatMap(([key, meaning]) => [
      element("b", "", key), element("span", "", meaning)]));
    this.one(".keys").hidden = !on;
    this.one("[data-do=keys]").setAttribute("aria-expanded", on);
  }

  // Bring everything around the picture in line with what is drawn.
  refresh() {
    const { viewer } = this, { on, layers } = viewer, offered = viewer.offers("overlays");
    const drawn = on.mask || on.heat, two = viewer.layout !== "one";
    for (const group of this.all(".overlays")) group.hidden = !offered;
    for (const button of this.all("[data-toggle]")) press(button, on[button.dataset.toggle]);
    for (const button of this.all("[data-layout]")) {
      press(button, viewer.layout === button.dataset.layout);
    }
    for (const button of this.all("[data-mode]")) {
      press(button, viewer.mode === button.dataset.mode);
      button.hidden = !viewer.offers(button.dataset.mode);
    }
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
    this.say("k", settings.k);
    this.say("opacity", percent(settings.opacity));
    this.say("least", settings.least ? `${percent(settings.least)} of the strongest` : "none");
    this.sight();
    this.tools();
    this.legends(on.heat ? viewer.visible : []);
  }

  // How the picture itself is shown: zoom, window, turn, resolution.
  sight() {
    const { viewer } = this, { greys, data, view } = viewer, { changes, resolution } = viewer.sight;
    this.one(".level").textContent = percent(view.kept.zoom);
    press(this.one("[data-do=invert]"), greys.kept.invert);
    press(this.one("[data-do=turn]"), view.kept.turns !== 0);
    this.one("[data-do=opened]").hidden = !changes.length;
    const presets = greys.windows.map(({ name }, i) => [`${i}`, name]);
    if (greys.preset < 0) presets.push(["-1", "own"]);
    options(this.one(".preset"), presets, `${greys.preset}`);
    this.one(".preset").hidden = presets.length < 2;
    this.one(".reads").textContent = `C ${Math.round(greys.centre)}  W ${Math.round(greys.width)}`;
    const judged = this.one(".judged");
    tell(judged, changes.length ? `${data.words.changed} (${changes.join(", ")})` : data.words.plain);
    judged.title = data.words.about;
    judged.classList.toggle("changed", changes.length > 0);
    this.one(".pixels").textContent = resolution;
  }

  // What the reader draws, and the list of it.
  tools() {
    const { viewer } = this, { marks, altered, data } = viewer, hide = viewer.offers("hide");
    const list = marks.list, removable = altered.superpixels.length + marks.kept.lines.length
      + altered.rectangles.filter((one) => one.kind === "blank" || !data.locked).length;
    const reset = this.one("[data-do=reset]");
    reset.hidden = !hide && !removable;
    reset.disabled = !removable;
    reset.textContent = hide ? "Reset" : "Remove all";
    reset.title = hide ? "Show everything again and remove every mark (Backspace)"
      : "Remove every mark and line of your own";
    const locked = data.locked && marks.regions.length ? "The marks are locked." : "";
    tell(this.one(".hint"), marks.told || HINTS[viewer.mode] || locked);
    this.one(".tools").hidden = !hide && !viewer.offers("region") && !removable;
    this.list(list);
  }

  // Findings and lines one by one: for the keyboard, for a screen reader, and to take them away.
  list(entries) {
    const box = this.one(".marks"), { marks } = this.viewer;
    const key = JSON.stringify([entries.map(({ name, words }) => [name, words]),
      entries.findIndex(({ region }) => region && region === marks.chosen), marks.locked]);
    if (box.dataset.of === key) return;
    const { activeElement } = box.getRootNode();
    const at = box.contains(activeElement)
      ? this.all(".marks li").indexOf(activeElement.closest("li")) : -1;
    box.dataset.of = key;
    box.replaceChildren(...entries.map(({ region, line, name, words }) => {
      const item = element("li", region ? "region" : "line"), kind = region ? "finding" : "line";
      const chip = element(region ? "button" : "span", "what", `${name}: ${words}`);
      if (region) {
        chip.setAttribute("aria-label", `Finding ${name}: ${words}`);
        press(chip, region === marks.chosen);
        chip.onclick = () => marks.choose(region);
      }
      item.append(chip);
      if (line || !marks.locked) {
        const remove = element("button", "remove", "×");
        remove.setAttribute("aria-label", `Remove ${kind} ${name}`);
        remove.title = `Remove ${kind} ${name}`;
        remove.onclick = () => {
          if (region) marks.remove(region);
          else marks.removeLine(line);
        };
        item.append(remove);
      }
      return item;
    }));
    box.hidden = !entries.length;
    // What had the focus is made anew with every change.
    if (at >= 0) (this.all(".marks li")[Math.min(at, entries.length - 1)]
      ?.querySelector("button") ?? this.viewer.frame).focus({ preventScroll: true });
  }

  say(name, text) {
    this.one(`[data-for=${name}] output`).textContent = text;
  }

  legends(layers) {
    const box = this.one(".legends");
    const key = layers.map((layer) => layer.stamp).join(" ");
    if (box.dataset.of === key) return;
    box.dataset.of = key;
    box.replaceChildren(...layers.map((layer) => legend(layer, this.viewer.look)));
  }

  // Weight and interval of one superpixel, beside the pointer.
  tip(layer, superpixel, event) {
    const tip = this.one(".tip");
    tip.hidden = !layer;
    if (!layer) return;
    tip.replaceChildren(...weighed(layer, superpixel).map((text) => element("div", "", text)));
    const box = this.viewer.frame.getBoundingClientRect();
    const x = event.clientX - box.left, y = event.clientY - box.top;
    tip.style.left = `${Math.max(0, Math.min(x + 14, box.width - tip.offsetWidth))}px`;
    tip.style.top = `${y + 20 + tip.offsetHeight > box.height ? y - tip.offsetHeight - 12 : y + 20}px`;
  }
}

function percent(share) {
  return `${Math.round(100 * share)} %`;
}

// What is written anew is read aloud anew.
function tell(box, text) {
  if (box.textContent !== text) box.textContent = text;
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
