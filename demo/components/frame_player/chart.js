// PSNR over frames, with a cursor on the player's clock. Drawn in the pixels of its place, so
// that text and dashes keep their size at any width.

const MARGIN = { left: 38, right: 12, top: 10, bottom: 22 };

function svgElement(tag, attributes = {}, text = "") {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

class Chart {
  constructor(svg, onSeek) {
    this.svg = svg;
    const seek = (event) => {
      const share = (event.offsetX - MARGIN.left) / (this.width - MARGIN.left - MARGIN.right);
      onSeek(Math.max(0, Math.min(this.frames - 1, Math.round(share * (this.frames - 1)))));
    };
    svg.addEventListener("pointerdown", (event) => {
      svg.setPointerCapture(event.pointerId);
      seek(event);
    });
    svg.addEventListener("pointermove", (event) => event.buttons & 1 && seek(event));
  }

  // curves: [{name, colour, dash, bold, first, values}]; frames: how many there are in all.
  draw(curves, frames, given) {
    const box = this.svg.getBoundingClientRect();
    Object.assign(this, { curves, frames, width: box.width, height: box.height });
    this.svg.setAttribute("viewBox", `0 0 ${box.width} ${box.height}`);
    const all = curves.flatMap((curve) => curve.values);
    const range = Math.max(...all) - Math.min(...all);
    const step = range > 12 ? 5 : range > 4 ? 2 : 1;
    this.low = Math.floor((Math.min(...all) - 0.3) / step) * step;
    this.high = Math.ceil((Math.max(...all) + 0.3) / step) * step;
    this.cursor = svgElement("line", { class: "cursor", y1: MARGIN.top, y2: this.bottom() });
    this.marks = curves.map((c) => svgElement("circle", { class: "now", r: 5.5, fill: c.colour }));
    // The reference comes last in the list and is drawn first: the models lie on top of it.
    const lines = curves.map((curve) => this.line(curve)).reverse();
    const marks = [...this.marks].reverse();
    this.svg.replaceChildren(...this.axes(step, given), ...lines, this.cursor, ...marks);
    const means = curves.map(({ name, values }) => {
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      return `${name} ${mean.toFixed(1)} dB on average`;
    });
    this.svg.setAttribute("aria-label", `PSNR per predicted frame: ${means.join(", ")}`);
  }

  moveTo(frame) {
    if (!this.cursor) return;
    this.cursor.setAttribute("x1", this.x(frame));
    this.cursor.setAttribute("x2", this.x(frame));
    this.curves.forEach(({ first, values }, k) => {
      const value = values[frame - first];
      this.marks[k].setAttribute("visibility", value === undefined ? "hidden" : "visible");
      if (value === undefined) return;
      this.marks[k].setAttribute("cx", this.x(frame));
      this.marks[k].setAttribute("cy", this.y(value));
    });
  }

  x(frame) {
    return MARGIN.left + (frame / (this.frames - 1)) * (this.width - MARGIN.left - MARGIN.right);
  }

  y(decibels) {
    const share = (decibels - this.low) / (this.high - this.low);
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
    parts.push(svgElement("text", { x: MARGIN.left + 6, y: MARGIN.top + 14 }, "given"));
    parts.push(svgElement("text", { x: edge + 6, y: MARGIN.top + 14 }, "predicted"));
    for (let tick = this.low; tick <= this.high; tick += step) {
      const [y, x2] = [this.y(tick), this.width - MARGIN.right];
      parts.push(svgElement("line", { class: "grid", x1: MARGIN.left, x2, y1: y, y2: y }));
      const place = { x: MARGIN.left - 8, y: y + 4, "text-anchor": "end" };
      parts.push(svgElement("text", place, String(tick)));
    }
    for (let frame = 0; frame < this.frames; frame++) {
      const place = { x: this.x(frame), y: this.height - 5, "text-anchor": "middle" };
      parts.push(svgElement("text", place, String(frame)));
    }
    return parts;
  }

  line({ colour, dash, bold, first, values }) {
    const points = values.map((value, i) => `${this.x(first + i)},${this.y(value)}`).join(" ");
    return svgElement("polyline", {
      points, fill: "none", stroke: colour, "stroke-dasharray": dash,
      "stroke-width": bold ? 2.5 : 2, "stroke-linecap": "round", "stroke-linejoin": "round",
    });
  }
}
