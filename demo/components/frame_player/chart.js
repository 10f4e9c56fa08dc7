// The metric over frames, with a cursor on the player's clock. Drawn in the pixels of its place,
// so that text and dashes keep their size at any width.

const MARGIN = { left: 46, right: 12, top: 20, bottom: 22 };
const METRICS = {
  psnr: { name: "PSNR", unit: " dB", digits: 2, least: 4 },
  ssim: { name: "SSIM", unit: "", digits: 3, least: 0.05 },
};

function svgElement(tag, attributes = {}, text = "") {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// 1, 2 or 5 times a power of ten, so that a range has three to six steps.
function niceStep(range) {
  const power = 10 ** Math.floor(Math.log10(range / 3));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => range / step <= 6);
}

// Calls `at` with the events of a pointer that is dragged over `target`. A finger counts when it
// moves sideways or lets go: until then it may be about to scroll the page.
function onDrag(target, at) {
  let down = false;
  target.addEventListener("pointerdown", (event) => {
    down = true;
    if (event.pointerType === "touch") return;
    target.setPointerCapture(event.pointerId);
    at(event);
  });
  target.addEventListener("pointermove", (event) => down && event.buttons & 1 && at(event));
  target.addEventListener("pointerup", (event) => {
    if (down && event.pointerType === "touch") at(event);
    down = false;
  });
  target.addEventListener("pointercancel", () => (down = false)); // the page scrolls
}

// Where frames stand from left to right; a drag over `svg` seeks among them.
class TimeAxis {
  constructor(svg, onSeek) {
    this.svg = svg;
    onDrag(svg, (event) => onSeek(this.frameAt(event.offsetX)));
  }

  measure(frames) {
    const box = this.svg.getBoundingClientRect();
    // Without room, as on a page still hidden, nothing may become negative: it is drawn again later.
    const [width, height] = [Math.max(box.width, 100), Math.max(box.height, 60)];
    Object.assign(this, { frames, width, height });
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  }

  x(frame) {
    const share = frame / Math.max(1, this.frames - 1); // a single frame has no length
    return MARGIN.left + share * (this.width - MARGIN.left - MARGIN.right);
  }

  frameAt(x) {
    const share = (x - MARGIN.left) / (this.width - MARGIN.left - MARGIN.right);
    return Math.max(0, Math.min(this.frames - 1, Math.round(share * (this.frames - 1))));
  }

  buildCursor(top, bottom) {
    this.cursor = svgElement("line", { class: "cursor", y1: top, y2: bottom });
    return this.cursor;
  }

  moveCursor(frame) {
    this.cursor?.setAttribute("x1", this.x(frame));
    this.cursor?.setAttribute("x2", this.x(frame));
  }
}

class Chart extends TimeAxis {
  // curves: [{name, colour, dash, bold, first, samples: [[a value a frame] a sample]}].
  draw(curves, frames, given, metric) {
    this.measure(frames);
    Object.assign(this, { curves, metric: METRICS[metric] });
    const all = curves.flatMap((curve) => curve.samples.flat());
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const step = niceStep(Math.max(high - low, this.metric.least));
    this.low = Math.floor(low / step) * step;
    this.high = Math.max(Math.ceil(high / step) * step, this.low + step);
    this.marks = curves.map((c) => svgElement("circle", { class: "now", r: 5.5, fill: c.colour }));
    // The reference comes last in the list and is drawn first: the models lie on top of it.
    const bands = curves.filter(({ samples }) => samples.length > 1).map((curve) => this.band(curve));
    const lines = curves.map((curve) => this.line(curve)).reverse();
    this.svg.replaceChildren(
      ...this.axes(step, given), ...bands, ...lines,
      this.buildCursor(MARGIN.top, this.bottom()), ...[...this.marks].reverse(),
    );
    const { name, unit, digits } = this.metric;
    const means = curves.map((curve) => `${curve.name} ${average(curve.samples.flat()).toFixed(digits - 1)}${unit} on average`);
    this.svg.setAttribute("aria-label", `${name} per predicted frame: ${means.join(", ")}`);
  }

  // shown: for each curve, the number of the sample that is on view.
  moveTo(frame, shown) {
    if (!this.cursor) return;
    this.moveCursor(frame);
    this.curves.forEach(({ first, samples }, k) => {
      const value = samples[shown[k] ?? 0][frame - first];
      this.marks[k].setAttribute("visibility", value === undefined ? "hidden" : "visible");
      if (value === undefined) return;
      this.marks[k].setAttribute("cx", this.x(frame));
      this.marks[k].setAttribute("cy", this.y(value));
    });
  }

  y(value) {
    const share = (value - this.low) / (this.high - this.low);
    return this.bottom() - share * (this.bottom() - MARGIN.top);
  }

  bottom() {
    return this.height - MARGIN.bottom;
  }

  axes(step, given) {
    const parts = [];
    const edge = this.x(given - 0.5);
    const size = { x: MARGIN.left, y: MARGIN.top, height: this.bottom() - MARGIN.top };
    parts.push(svgElement("rect", { class: "context", width: edge - MARGIN.left, ...size }));
    parts.push(svgElement("text", { x: MARGIN.left, y: MARGIN.top - 7 }, "given"));
    parts.push(svgElement("text", { x: edge + 2, y: MARGIN.top - 7 }, "predicted"));
    const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    const steps = Math.round((this.high - this.low) / step);
    for (let i = 0; i <= steps; i++) {
      const tick = this.low + i * step;
      const [y, x2] = [this.y(tick), this.width - MARGIN.right];
      parts.push(svgElement("line", { class: "rule", x1: MARGIN.left, x2, y1: y, y2: y }));
      const place = { x: MARGIN.left - 8, y: y + 4, "text-anchor": "end" };
      parts.push(svgElement("text", place, tick.toFixed(digits)));
    }
    const every = Math.ceil((this.frames * 24) / this.width);
    for (let frame = 0; frame < this.frames; frame += every) {
      const place = { x: this.x(frame), y: this.height - 5, "text-anchor": "middle" };
      parts.push(svgElement("text", place, String(frame)));
    }
    return parts;
  }

  points(first, values) {
    return values.map((value, i) => `${this.x(first + i)},${this.y(value)}`);
  }

  // From the worst to the best sample at every frame.
  band({ colour, first, samples }) {
    const over = samples[0].map((_, i) => samples.map((values) => values[i]));
    const best = this.points(first, over.map((values) => Math.max(...values)));
    const worst = this.points(first, over.map((values) => Math.min(...values)));
    return svgElement("polygon", { class: "band", fill: colour, points: [...best, ...worst.reverse()].join(" ") });
  }

  line({ colour, dash, bold, first, samples }) {
    const means = samples[0].map((_, i) => average(samples.map((values) => values[i])));
    return svgElement("polyline", {
      points: this.points(first, means).join(" "), fill: "none", stroke: colour,
      "stroke-dasharray": dash, "stroke-width": bold ? 2.5 : 2,
      "stroke-linecap": dash ? "butt" : "round", "stroke-linejoin": "round",
    });
  }
}
