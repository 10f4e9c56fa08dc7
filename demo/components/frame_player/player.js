// All panes, the slider and the chart on one clock. Streamlit calls the default export again
// whenever the data or the theme change, so a player is kept by the element that it lives in.

const PLAY = "M4 2.5v11l9-5.5z";
const PAUSE = "M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z";
const STEPS = { ArrowRight: 1, ".": 1, ArrowLeft: -1, ",": -1 };
const players = new WeakMap();

class Player {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.frame = 0;
    this.playing = !window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.chart = new Chart(this.find(".chart"), (frame) => this.seek(frame));
    this.listen();
  }

  listen() {
    this.find(".play").onclick = () => this.toggle();
    this.find(".back").onclick = () => this.step(-1);
    this.find(".forward").onclick = () => this.step(1);
    this.find(".seek").oninput = (event) => this.seek(Number(event.target.value));
    this.root.onkeydown = (event) => this.press(event);
    this.resizing = new ResizeObserver(() => this.data && this.layOut());
    this.resizing.observe(this.find(".chart"));
  }

  // Pictures and numbers change together: the old ones stay until the new sheet is decoded.
  async show(data) {
    this.wanted = data;
    const sheet = new Image();
    sheet.src = data.sheet;
    await sheet.decode();
    if (this.wanted !== data) return;
    Object.assign(this, { data, sheet, frame: Math.min(this.frame, data.frames - 1) });
    this.find(".seek").max = data.frames - 1;
    this.find(".panes").replaceChildren(...data.panes.map((pane) => this.buildPane(pane)));
    this.find(".legend").replaceChildren(...data.curves.map(buildLegendEntry));
    this.layOut();
    this.setPlaying(this.playing);
    this.root.inert = false;
    this.root.dataset.sequence = data.sequence;
  }

  buildPane({ name, colour, dash }) {
    const figure = document.createElement("figure");
    const caption = document.createElement("figcaption");
    const said = Object.assign(document.createElement("span"), { className: "said" });
    caption.append(Object.assign(document.createElement("span"), { textContent: name }), said);
    const frame = document.createElement("div");
    if (colour) frame.style.setProperty("--colour", colour);
    frame.classList.toggle("dashed", Boolean(dash));
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = this.data.size;
    canvas.setAttribute("role", "img");
    frame.append(canvas);
    figure.append(caption, frame);
    return figure;
  }

  layOut() {
    const given = this.data.panes[0].given;
    this.chart.draw(this.data.curves, this.data.frames, given);
    this.draw();
  }

  draw() {
    const { data, frame } = this;
    const place = `frame ${frame} / ${data.frames - 1}`;
    this.root.querySelectorAll("figure").forEach((figure, k) => this.drawPane(figure, k, place));
    this.root.querySelectorAll(".legend b").forEach((current, k) => {
      const value = data.curves[k].values[frame - data.curves[k].first];
      current.textContent = value === undefined ? "given" : `${value.toFixed(2)} dB`;
    });
    this.chart.moveTo(frame);
    const seek = this.find(".seek");
    const kind = frame < data.panes[0].given ? "given" : "predicted";
    seek.value = frame;
    seek.setAttribute("aria-valuetext", `${place}, ${kind}`);
    this.find(".place").textContent = `Frame ${frame} / ${data.frames - 1}`;
    this.root.dataset.frame = frame;
  }

  drawPane(figure, k, place) {
    const { size, panes } = this.data;
    const { name, given, colour } = panes[k];
    const canvas = figure.querySelector("canvas");
    const pixels = canvas.getContext("2d");
    pixels.drawImage(this.sheet, this.frame * size, k * size, size, size, 0, 0, size, size);
    const kind = this.frame < given ? "given" : colour ? "predicted" : "happened";
    const said = kind === "happened" ? "what happened" : kind;
    const frame = figure.querySelector("div");
    frame.className = `frame ${kind}${frame.classList.contains("dashed") ? " dashed" : ""}`;
    figure.querySelector(".said").textContent = said;
    canvas.setAttribute("aria-label", `${name}, ${place}, ${said}`);
  }

  seek(frame) {
    this.setPlaying(false);
    this.frame = frame;
    this.draw();
  }

  step(by) {
    this.seek((this.frame + by + this.data.frames) % this.data.frames);
  }

  toggle() {
    const ended = this.frame === this.data.frames - 1;
    if (!this.playing && ended) this.frame = 0;
    this.setPlaying(!this.playing);
    this.draw();
  }

  setPlaying(playing) {
    this.playing = playing;
    this.find(".play path").setAttribute("d", playing ? PAUSE : PLAY);
    this.find(".play").setAttribute("aria-label", playing ? "Pause" : "Play");
    cancelAnimationFrame(this.request);
    this.due = performance.now() + this.interval();
    if (playing) this.request = requestAnimationFrame((now) => this.tick(now));
  }

  tick(now) {
    if (now >= this.due) {
      const last = this.frame === this.data.frames - 1;
      if (last && !this.find(".loop").checked) return this.setPlaying(false);
      this.frame = last ? 0 : this.frame + 1;
      this.due = Math.max(this.due + this.interval(), now);
      this.draw();
    }
    this.request = requestAnimationFrame((later) => this.tick(later));
  }

  // Milliseconds that the frame stays; the last one a little longer, or a loop has no end.
  interval() {
    const last = this.frame === this.data.frames - 1;
    return (last ? 3000 : 1000) / Number(this.find(".speed").value);
  }

  press(event) {
    // What happens in the player stays there: Streamlit has keys of its own.
    event.stopPropagation();
    const { key, target } = event;
    if (target.tagName === "SELECT" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (key === " " && target.matches("button, input[type=checkbox]")) return;
    if (key in STEPS) this.step(STEPS[key]);
    else if (key === "Home") this.seek(0);
    else if (key === "End") this.seek(this.data.frames - 1);
    else if (key === " ") this.toggle();
    else return;
    event.preventDefault();
  }

  rest() {
    cancelAnimationFrame(this.request);
  }
}

function buildLegendEntry({ name, colour, dash, bold }) {
  const entry = document.createElement("span");
  const swatch = svgElement("svg", { viewBox: "0 0 30 10", "aria-hidden": "true" });
  const line = { x1: 2, x2: 28, y1: 5, y2: 5, stroke: colour, "stroke-dasharray": dash };
  const pen = { "stroke-width": bold ? 3 : 2, "stroke-linecap": "round" };
  swatch.append(svgElement("line", { ...line, ...pen }));
  entry.append(swatch, name, document.createElement("b"));
  return entry;
}

export default function mount({ data, parentElement }) {
  const root = parentElement.querySelector(".player");
  if (!players.has(root)) players.set(root, new Player(root));
  const player = players.get(root);
  player.show(data);
  return () => player.rest();
}
