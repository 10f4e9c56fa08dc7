// One place of the frame in all panes alike: a crosshair, what colours are there, and a closer look.
// It follows a pointer that hovers, and a finger that taps: nothing is dragged, so that the page
// scrolls and the wipe's edge moves as ever.

const CLOSER = 4;
const INVITATION = "Point at a picture, or tap it, to read its pixels.";

class Zoom {
  constructor(player) {
    Object.assign(this, { player, at: null, close: false, byKeys: false });
    const panes = player.find(".panes");
    panes.addEventListener("pointermove", (event) => event.pointerType !== "touch" && this.point(event));
    panes.addEventListener("click", (event) => this.point(event));
    panes.addEventListener("pointerleave", () => this.leave());
    player.find(".zoom").onclick = () => this.toggle();
  }

  // [x, y] that is pointed at, or null.
  get pixel() {
    const { size } = this.player.data;
    return this.at && this.at.map((share) => Math.min(size - 1, Math.floor(share * size)));
  }

  point(event) {
    const picture = event.target.closest(".picture");
    if (picture) this.move(placeIn(picture, event), false);
  }

  // To a pixel beside; its middle, so that it is met whatever is rounded.
  step(...by) {
    const { size } = this.player.data;
    const [x, y] = this.pixel ?? [size / 2, size / 2];
    const inside = (value) => (Math.max(0, Math.min(size - 1, value)) + 0.5) / size;
    this.move([inside(x + by[0]), inside(y + by[1])], true);
  }

  move(at, byKeys) {
    Object.assign(this, { at, byKeys });
    this.draw();
  }

  // What is looked at closely stays, so that it can be stepped through.
  leave() {
    if (!this.close) this.move(null, false);
  }

  toggle() {
    this.close = !this.close;
    this.at ??= [0.5, 0.5];
    this.draw();
  }

  draw() {
    const { find, panes } = this.player;
    const { at, close, pixel } = this;
    const { style } = find(".panes");
    style.setProperty("--closer", close ? CLOSER : 1);
    if (at) style.setProperty("--at", at.map((share) => `${100 * share}%`).join(" "));
    find(".zoom").setAttribute("aria-pressed", close);
    for (const pane of panes) pane.drawCross(pixel);
    const readout = find(".pixel");
    readout.ariaLive = this.byKeys && !this.player.playing ? "polite" : "off";
    readout.replaceChildren(...(pixel ? this.read(pixel) : [INVITATION]));
  }

  // The colours of the truth and of each model, whatever the panes show in their place.
  read(pixel) {
    const { data, sheet, frame } = this.player;
    const models = data.models.map(({ name, rows }, k) => [name, rows[this.player.shown(k)]]);
    const entries = [[data.truth, 0], ...models].map(([name, row]) => {
      const levels = sheet.colour(row, frame, pixel);
      const swatch = element("i");
      swatch.style.background = `rgb(${levels})`;
      return element("span", {}, swatch, name, element("b", { textContent: levels.join(" ") }));
    });
    return [element("span", {}, `RGB at ${pixel.join(", ")}`), ...entries];
  }
}
