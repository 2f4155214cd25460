// From values to pixels, and where the ticks go.

class Scale {
  constructor(low, high, log, from, to) {
    if (low === high) {
      const room = Math.abs(low) * 0.05 || 1;
      [low, high] = log ? [low / 1.2, high * 1.2] : [low - room, high + room];
    }
    Object.assign(this, { low, high, log, from, to });
    const bend = log ? Math.log : (value) => value;
    const start = bend(low), factor = (to - from) / (bend(high) - start);
    this.pixel = (value) => from + (bend(value) - start) * factor;
    this.value = (pixel) => {
      const bent = start + (pixel - from) / factor;
      return log ? Math.exp(bent) : bent;
    };
  }

  ticks(most) {
    return this.log ? logTicks(this.low, this.high, most) : linearTicks(this.low, this.high, most);
  }
}

function linearTicks(low, high, most) {
  const rough = (high - low) / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) ticks.push(i * step);
  return ticks;
}

function logTicks(low, high, most) {
  const decades = [];
  for (let p = Math.floor(Math.log10(low)); p <= Math.ceil(Math.log10(high)); p++) decades.push(p);
  for (const parts of [[1, 2, 3, 5], [1, 2, 5], [1, 3], [1]]) {
    const ticks = decades.flatMap((p) => parts.map((part) => part * 10 ** p))
      .filter((tick) => tick >= low * 0.999 && tick <= high * 1.001);
    if (ticks.length <= most && ticks.length > 1) return ticks;
  }
  // Less than a decade, or many: evenly spaced by value, or every few powers of ten.
  if (decades.length <= 3) return linearTicks(low, high, most).filter((tick) => tick > 0);
  const every = Math.ceil(decades.length / most);
  return decades.filter((p) => p % every === 0).map((p) => 10 ** p)
    .filter((tick) => tick >= low && tick <= high);
}

// Short, and never more digits than were recorded.
function written(value) {
  if (value === null || Number.isNaN(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1e5) {
    const units = [[1e9, "G"], [1e6, "M"], [1e3, "k"]];
    const [unit, letter] = units.find(([one]) => size >= one);
    return `${Number((value / unit).toPrecision(3))}${letter}`;
  }
  if (size && size < 1e-3) return value.toExponential(1).replace("e-", "e−");
  return String(Number(value.toPrecision(4))).replace("-", "−");
}

// Ticks of one axis share their decimals: .5 beside .55 would read as two kinds of number.
function tickTexts(ticks, log) {
  if (log) return ticks.map((tick) => written(Number(tick.toPrecision(3))));
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : 1;
  const size = Math.max(...ticks.map(Math.abs), 0);
  if (size >= 1e5 || (step < 1e-3 && step > 0)) return ticks.map((tick) => written(Math.abs(tick) < step / 2 ? 0 : tick));
  const digits = Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9)));
  return ticks.map((tick) => tick.toFixed(digits).replace("-", "−"));
}
