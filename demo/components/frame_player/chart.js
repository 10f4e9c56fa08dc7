// The metric over frames, with a cursor on the player's clock. Drawn in the pixels of its place,
// so that text and dashes keep their size at any width.

const MARGIN = { left: 46, right: 12, top: 20, bottom: 22 };

function svgElement(tag, attributes = {}, text = "") {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const isKnown = (value) => value !== null; // the others' frames have nothing to measure

// Neighbouring frames that have values: [[index of the first, values]].
function stretches(values) {
  const starts = values.flatMap((value, i) => (isKnown(value) && !isKnown(values[i - 1] ?? null) ? [i] : []));
  return starts.map((start) => {
    const end = values.indexOf(null, start);
    return [start, values.slice(start, end < 0 ? values.length : end)];
  });
}

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
  // curves: [{label, colour, dash, bold, first, samples: [[a value, or null, a frame] a sample]}].
  // metric: {name, unit, digits, least, lower, nowhere}.
  draw(curves, { frames, given, made }, metric) {
    this.measure(frames);
    Object.assign(this, { curves, metric });
    const all = curves.flatMap((curve) => curve.samples.flat()).filter(isKnown);
    const [low, high] = all.length ? [Math.min(...all), Math.max(...all)] : [0, 0];
    const step = niceStep(Math.max(high - low, this.metric.least));
    this.low = Math.floor(low / step) * step;
    this.high = Math.max(Math.ceil(high / step) * step, this.low + step);
    this.marks = curves.map((c) => svgElement("circle", { class: "now", r: 5.5, fill: c.colour }));
    // The reference comes last in the list and is drawn first: the models lie on top of it.
    const bands = curves.filter(({ samples }) => samples.length > 1).flatMap((curve) => this.bands(curve));
    const lines = curves.map((curve) => this.lines(curve)).reverse().flat();
    this.svg.replaceChildren(
      ...this.axes(step, given, made), ...this.remarks(all), ...bands, ...lines,
      this.buildCursor(MARGIN.top, this.bottom()), ...[...this.marks].reverse(),
    );
    this.svg.setAttribute("aria-label", this.describe(all, made));
  }

  describe(all, made) {
    const { name, unit, digits, nowhere } = this.metric;
    const frames = made === "reference" ? "frame of a reference" : "predicted frame";
    const mean = ({ samples }) => average(samples.flat().filter(isKnown)).toFixed(digits - 1);
    const means = this.curves.map((curve) => `${curve.label} ${mean(curve)}${unit} on average`);
    return `${name} per ${frames}: ${all.length ? means.join(", ") : nowhere}`;
  }

  // What the curves alone do not tell.
  remarks(all) {
    const { lower, nowhere } = this.metric;
    const [x, y] = [(MARGIN.left + this.width) / 2, (MARGIN.top + this.bottom()) / 2];
    if (!all.length) return [svgElement("text", { class: "remark", x, y, "text-anchor": "middle" }, nowhere)];
    const corner = { class: "remark", x: this.width - MARGIN.right, y: MARGIN.top - 7, "text-anchor": "end" };
    return lower ? [svgElement("text", corner, "lower is better")] : [];
  }

  // shown: for each curve, the number of the sample that is on view.
  moveTo(frame, shown) {
    if (!this.cursor) return;
    this.moveCursor(frame);
    this.curves.forEach(({ first, samples }, k) => {
      const value = samples[shown[k] ?? 0][frame - first];
      const absent = (value ?? null) === null; // a given frame, or nothing to measure in it
      this.marks[k].setAttribute("visibility", absent ? "hidden" : "visible");
      if (absent) return;
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

  axes(step, given, made) {
    const parts = [];
    const edge = this.x(given - 0.5);
    const size = { x: MARGIN.left, y: MARGIN.top, height: this.bottom() - MARGIN.top };
    parts.push(svgElement("rect", { class: "context", width: edge - MARGIN.left, ...size }));
    parts.push(svgElement("text", { x: MARGIN.left, y: MARGIN.top - 7 }, "given"));
    parts.push(svgElement("text", { x: edge + 2, y: MARGIN.top - 7 }, made));
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
  bands({ colour, first, samples }) {
    return stretches(samples[0]).map(([start, { length }]) => {
      const over = Array.from({ length }, (_, i) => samples.map((values) => values[start + i]));
      const best = this.points(first + start, over.map((values) => Math.max(...values)));
      const worst = this.points(first + start, over.map((values) => Math.min(...values)));
      return svgElement("polygon", { class: "band", fill: colour, points: [...best, ...worst.reverse()].join(" ") });
    });
  }

  // The mean over samples, in pieces where frames between have none; one frame alone is a dot.
  lines({ colour, dash, bold, first, samples }) {
    const means = samples[0].map((value, i) => isKnown(value) ? average(samples.map((values) => values[i])) : null);
    return stretches(means).map(([start, values]) => {
      const points = this.points(first + start, values);
      const alone = points.length === 1;
      return svgElement("polyline", {
        points: (alone ? [...points, ...points] : points).join(" "), fill: "none", stroke: colour,
        "stroke-dasharray": alone ? "" : dash, "stroke-width": (bold ? 2.5 : 2) * (alone ? 2 : 1),
        "stroke-linecap": dash && !alone ? "butt" : "round", "stroke-linejoin": "round",
      });
    });
  }
}
