// What the arm is told, under the chart and on the same clock.

const LANES = { steps: 34, span: 12, gap: 5 }; // heights in pixels

class Trace extends TimeAxis {
  // actions: {dx, dy: metres a frame, largest: |dx|, |dy| at the edge, closed, lifted: flags}.
  draw(actions, frames) {
    this.measure(frames);
    const { steps, span, gap } = LANES;
    const middle = steps / 2 + 2;
    const y = (metres) => middle + (metres / actions.largest) * (steps / 2);
    const closed = steps + gap + 2;
    const lifted = closed + span + gap;
    this.svg.replaceChildren(
      svgElement("line", { class: "rule", x1: MARGIN.left, x2: this.width - MARGIN.right, y1: middle, y2: middle }),
      this.label("dx", middle - 4), this.label("dy ┄", middle + 10),
      this.label("closed", closed + span - 2), this.label("lifted", lifted + span - 2),
      this.steps(actions.dx, y, "dx"), this.steps(actions.dy, y, "dy"),
      ...this.spans(actions.closed, closed), ...this.spans(actions.lifted, lifted),
      this.buildCursor(0, lifted + span),
    );
    const count = (flags) => flags.filter(Boolean).length;
    this.svg.setAttribute("aria-label",
      `Actions: gripper closed in ${count(actions.closed)} and lifted in ${count(actions.lifted)} of ${frames} frames`);
  }

  label(text, y) {
    return svgElement("text", { x: MARGIN.left - 8, y, "text-anchor": "end" }, text);
  }

  // A command holds from its frame to the next one's.
  steps(values, y, name) {
    const last = values.length - 1;
    const points = values.flatMap((value, t) => [`${this.x(t)},${y(value)}`, `${this.x(Math.min(t + 1, last))},${y(value)}`]);
    return svgElement("polyline", { class: `command ${name}`, points: points.join(" ") });
  }

  // A bar from the first of neighbouring frames with a flag to the end of the last.
  spans(flags, y) {
    const last = flags.length - 1;
    const starts = flags.flatMap((flag, t) => (flag && !flags[t - 1] && t < last ? [t] : []));
    return starts.map((start) => {
      const end = flags.indexOf(false, start);
      const width = this.x(end < 0 ? last : end) - this.x(start);
      return svgElement("rect", { class: "span", x: this.x(start), y, width, height: LANES.span });
    });
  }
}
