// What is kept in the browser for as long as the tab lives, whatever the server sends: settings
// for every picture, and for each picture in each scene its zoom, window, what is switched on, what
// is hidden, marked and measured. Two readings of one picture are two scenes.

const SETTINGS = {
  layout: "one", source: null, left: null, right: null, // null: what suits the layers there are
  sign: "both", rest: "dimmed", k: 5, opacity: 0.5, least: 0, swipe: 0.5,
};
const settings = { ...SETTINGS };
const scenes = new Map();
const REPORT_AFTER_MS = 400;

function remembered({ picture, scene, asked, marks }) {
  const key = `${picture} ${scene}`;
  if (!scenes.has(key)) {
    scenes.set(key, {
      view: { zoom: 1, x: 0, y: 0, turns: 0 },
      greys: { low: null, high: null, invert: false },
      on: { mask: asked === "mask", heat: asked === "heat", outlines: false },
      altered: {
        parts: null, superpixels: [], rectangles: marks.map((mark) => ({ kind: "region", ...mark })),
      },
      lines: [],
    });
  }
  return scenes.get(key);
}

// Tells the server, once the hand rests, what changed since it was last told.
class Reporter {
  constructor(send, told) {
    this.send = send;
    this.told = told; // name -> JSON
    this.waiting = {}; // name -> {tell, timer}
  }

  settle(name, value, after = REPORT_AFTER_MS) {
    this.forget(name);
    const json = JSON.stringify(value);
    if (json === this.told[name]) return;
    const tell = () => {
      this.forget(name);
      this.told[name] = json;
      this.send(name, JSON.parse(json));
    };
    this.waiting[name] = { tell, timer: setTimeout(tell, after) };
  }

  forget(name) {
    clearTimeout(this.waiting[name]?.timer);
    delete this.waiting[name];
  }

  // Whoever turns away from the picture may press a button that needs to know.
  now() {
    Object.values(this.waiting).forEach(({ tell }) => tell());
  }

  stop() {
    Object.keys(this.waiting).forEach((name) => this.forget(name));
  }
}
