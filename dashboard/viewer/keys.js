// What each key does while the viewer has the focus. Digits are left to the page, where readers
// answer with them; 0 alone fits the picture.

// [key, what it does, what must be on offer for it]
const KEYS = [
  ["M", "mask: the strongest superpixels", "overlays"],
  ["H", "heatmap", "overlays"],
  ["O", "outlines of all superpixels", "overlays"],
  ["S", "side by side", "overlays"],
  ["W", "swipe between two", "overlays"],
  ["L", "window and level: drag, or arrows"],
  ["Right button", "drag: the same, at any time"],
  ["G", "next preset window"],
  ["I", "invert"],
  ["Shift+R", "turn by 90°"],
  ["V", "grey values and turn as opened"],
  ["+  -  0", "zoom in, zoom out, fit"],
  ["Z", "one pixel on one of the screen"],
  ["Arrows", "move"],
  ["D", "measure a distance"],
  ["R", "mark a finding", "region"],
  ["P", "hide parts: [ and ] choose one, Enter hides it", "hide"],
  ["B", "blank a rectangle", "hide"],
  ["Enter", "in D, R and B: draw without a mouse; arrows move it, Shift+arrows size it, Enter keeps it"],
  ["Tab", "to the list of findings: Enter chooses one; arrows then move it", "region"],
  ["Backspace", "remove the chosen finding, or the last line in D"],
  ["Backspace", "otherwise show everything again", "hide"],
  ["F", "full screen"],
  ["Esc", "drop what is begun, leave a mode"],
];
const HINTS = {
  hide: "Click superpixels: the model's answer without them appears below.",
  blank: "Drag a rectangle, or press Enter: the model's answer without it appears below.",
  region: "Drag a rectangle around what you see, or press Enter.",
  window: "Drag: right widens the window, down darkens. Arrow keys do the same.",
  measure: "Drag a line, or press Enter. Backspace removes the last one.",
};
const MOVE_PX = 40;
const ARROWS = { arrowleft: [-1, 0], arrowright: [1, 0], arrowup: [0, -1], arrowdown: [0, 1] };
const GREY_STEP = 0.04;

// What a key does now: a function, or undefined.
function action(viewer, controls, event) {
  const { marks, mode } = viewer, key = event.key.toLowerCase();
  if (ARROWS[key]) return arrow(viewer, ...ARROWS[key], event.shiftKey);
  if (key === "r" && event.shiftKey) return () => viewer.sight.turn();
  const actions = {
    l: () => viewer.setMode("window"),
    g: () => viewer.sight.preset((viewer.greys.preset + 1) % viewer.greys.windows.length),
    i: () => viewer.sight.invert(),
    v: () => viewer.sight.asOpened(),
    z: () => viewer.sight.whole(),
    d: () => viewer.setMode("measure"),
    "+": () => viewer.sight.zoomBy(1.25),
    "=": () => viewer.sight.zoomBy(1.25),
    "-": () => viewer.sight.zoomBy(0.8),
    0: () => viewer.sight.fit(),
    f: () => controls.fullScreen(),
    "?": () => controls.showKeys(),
  };
  if (viewer.offers("overlays")) {
    const layout = (name) => () => viewer.set("layout", settings.layout === name ? "one" : name);
    Object.assign(actions, {
      m: () => viewer.toggle("mask"), h: () => viewer.toggle("heat"), o: () => viewer.toggle("outlines"),
      s: layout("side"), w: layout("swipe"),
    });
  }
  if (viewer.offers("hide")) {
    Object.assign(actions, {
      p: () => viewer.setMode("hide"), b: () => viewer.setMode("blank"), backspace: () => marks.clear(),
    });
  }
  if (viewer.offers("region")) actions.r = () => viewer.setMode("region");
  if (mode === "measure" && marks.kept.lines.length) actions.backspace = () => marks.removeLine();
  if (marks.chosen && !marks.locked) actions.backspace = () => marks.remove(marks.chosen);
  actions.delete = actions.backspace;
  if (mode === "hide") {
    actions["]"] = () => viewer.step(1);
    actions["["] = () => viewer.step(-1);
    actions.enter = actions[" "] = () => viewer.hideCursor();
  }
  if (marks.draws) actions.enter = () => marks.enter();
  actions.escape = escape(viewer, controls);
  return actions[key];
}

function arrow(viewer, x, y, size) {
  const { marks, mode } = viewer;
  if (marks.held) return () => marks.arrow(x, y, size);
  if (mode === "window") return () => viewer.sight.adjust(x * GREY_STEP, y * GREY_STEP);
  // An arrow scrolls the page while there is nothing to move.
  if (viewer.view.kept.zoom === 1) return undefined;
  return () => viewer.sight.moveBy(-x * MOVE_PX, -y * MOVE_PX);
}

function escape(viewer, controls) {
  const { marks } = viewer;
  if (controls.keysShown) return () => controls.showKeys(false);
  if (marks.draft) return () => { marks.draft = null; viewer.pointer.begun = null; viewer.changed(); };
  if (marks.chosen) return () => marks.choose(null);
  return viewer.mode ? () => viewer.setMode(null) : undefined;
}
