// The legend above the chart: a line a model, with the number of the frame on view.

// The value of the picture on view; where it is one of several samples, their mean besides.
function describeValue({ first, samples }, frame, shown, { unit, digits, absent }) {
  const value = samples[shown][frame - first];
  if (value === undefined) return "given";
  if (value === null) return absent;
  const said = `${value.toFixed(digits)}${unit}`;
  if (samples.length === 1) return said;
  const mean = average(samples.map((values) => values[frame - first]));
  return `${said} · mean ${mean.toFixed(digits)}${unit}`;
}

function buildLegendEntry({ label, colour, dash, bold }) {
  const swatch = svgElement("svg", { viewBox: "0 0 30 10", "aria-hidden": "true" });
  const line = { x1: 2, x2: 28, y1: 5, y2: 5, stroke: colour, "stroke-dasharray": dash };
  swatch.append(svgElement("line", { ...line, "stroke-width": bold ? 3 : 2 }));
  return element("span", {}, swatch, label, element("b"));
}
