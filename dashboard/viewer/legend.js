// What a layer's colours and one of its weights mean.

function legend(layer, look) {
  const box = element("div", "legend"), bar = element("div", "bar"), ends = element("div", "ends");
  bar.style.background = look.gradient;
  ends.append(
    element("span", "", `−${layer.limit.toPrecision(2)} ${layer.words.against}`),
    element("span", "", "0"),
    element("span", "", `+${layer.limit.toPrecision(2)} ${layer.words.for}`));
  box.append(element("div", "", `${layer.title}: ${layer.words.meaning}`), bar, ends);
  return box;
}

// Weight and interval of one superpixel, in three lines.
function weighed(layer, superpixel) {
  const { words } = layer, digits = words.unit === "log odds" ? 2 : 3;
  const signed = (value) => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(digits);
  const weight = layer.weights[superpixel], margin = layer.margins[superpixel];
  const odds = words.odds ? ` (${words.odds} × ${rounded(Math.exp(weight))})` : "";
  const interval = margin > 0
    ? `${words.interval} ${signed(weight - margin)} to ${signed(weight + margin)}` : "";
  const verdict = !layer.evidence[superpixel]
    ? (margin > 0 ? "Not evidence: the interval includes zero." : "Not evidence: no weight.")
    : `Speaks ${weight > 0 ? words.for : words.against}.`;
  return [
    `${signed(weight)} ${words.unit}${words.part}${odds}`, interval,
    `${verdict} Superpixel ${superpixel + 1} of ${layer.weights.length}.`,
  ];
}

// Two figures, never as a power of ten.
function rounded(value) {
  return value >= 10 ? Math.round(value).toLocaleString("en") : Number(value.toPrecision(2));
}
