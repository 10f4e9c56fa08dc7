// All panes, the slider and the charts on one clock. Streamlit calls the default export again
// whenever the data or the theme change, so a player is kept by the element that it lives in.

const PLAY = "M4 2.5v11l9-5.5z";
const PAUSE = "M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z";
const TRUTH = "t"; // the key that shows it
const WISHES = { n: "next", p: "previous", s: "sample" }; // that only the server can grant
const STEPS = { ArrowRight: 1, ".": 1, ArrowLeft: -1, ",": -1 };
const players = new WeakMap();

class Player {
  constructor(root, data) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.frame = data.start ?? 0;
    // A link to a frame shows that frame, and no other.
    const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.playing = !still && data.start === null;
    this.metric = data.metric;
    this.peeking = false;
    this.chosen = { kind: "error", model: "" }; // of the last pane
    // Number of the sample on view, by the model's name.
    this.samples = Object.fromEntries(data.models.map(({ name }, k) => [name, data.picked[k]]));
    const seek = (frame) => this.seek(frame);
    this.chart = new Chart(this.find(".chart"), seek);
    this.trace = new Trace(this.find(".trace"), seek);
    this.grid = new SampleGrid(this.find(".samples"), this.shown, (k, sample) => this.pick(k, sample));
    this.link = new FrameInLink(this);
    this.listen();
  }

  listen() {
    this.find(".play").onclick = () => this.toggle();
    this.find(".back").onclick = () => this.step(-1);
    this.find(".forward").onclick = () => this.step(1);
    this.find(".seek").oninput = (event) => this.seek(Number(event.target.value));
    this.find(".arrows").onchange = () => this.draw();
    this.find(".full").onclick = () => fillScreen(this.root);
    this.find(".full").hidden = !document.fullscreenEnabled;
    this.find(".metrics").onclick = (event) => event.target.value && this.measure(event.target.value);
    this.root.onkeydown = (event) => this.press(event);
    this.root.onkeyup = (event) => event.key === TRUTH && this.peek(false);
    this.root.addEventListener("focusout", () => this.peek(false));
    this.resizing = new ResizeObserver(() => this.data && this.layOut());
    this.resizing.observe(this.root);
  }

  // Number of the sample of model k that is on view.
  shown = (k) => {
    const { name, rows } = this.data.models[k];
    const sample = this.samples[name] ?? 0;
    return sample < rows.length ? sample : 0;
  };

  // Pictures and numbers change together: the old ones stay until the new sheet is decoded.
  async show(data) {
    if (this.wanted?.version === data.version) return this.data && this.setPlaying(this.playing);
    this.wanted = data;
    const picture = new Image();
    picture.src = data.sheet;
    await picture.decode();
    if (this.wanted !== data) return;
    if (!this.hasTold) this.told = data.picked;
    this.data = data;
    this.sheet = new Sheet(picture, data.size);
    this.frame = Math.min(this.frame, data.frames - 1);
    this.find(".browsing").hidden = !data.browsing;
    this.find(".seek").max = data.frames - 1;
    this.extra = new ExtraPane(data, this.chosen, this.shown, () => this.choose());
    const models = data.models.map((model, k) => new ModelPane(data, model, () => this.shown(k)));
    this.panes = [new TruthPane(data), ...models, this.extra];
    this.find(".panes").replaceChildren(...this.panes.map((pane) => pane.figure));
    this.grid.build(data);
    this.layOut();
    this.setPlaying(this.playing);
    this.root.inert = false;
    this.root.dataset.sequence = data.sequence;
    this.tellShown();
    // What takes a browser long to draw may come now.
    if (!this.drawn) this.tell("drawn", (this.drawn = true));
  }

  // Of the chosen metric, or of PSNR until the server has sent the chosen one.
  curves() {
    const { models, reference } = this.data;
    const metric = reference[this.metric] ? this.metric : "psnr";
    const curves = [
      ...models.map((model) => ({ ...model, first: model.given, samples: model[metric], bold: true })),
      { ...reference, first: this.data.given, samples: [reference[metric]] },
    ];
    return { metric, curves };
  }

  layOut() {
    const { data } = this;
    const { metric, curves } = this.curves();
    const width = this.root.clientWidth;
    const columns = columnsFor(this.panes.length, width);
    this.find(".panes").style.setProperty("--columns", columns);
    this.find(".panes").classList.toggle("narrow", width / columns < widestCaption(data.models));
    this.find(".legend").replaceChildren(...curves.map(buildLegendEntry));
    for (const button of this.find(".metrics").children) {
      button.setAttribute("aria-pressed", button.value === this.metric);
      button.classList.toggle("waiting", button.value === this.metric && metric !== this.metric);
    }
    this.chart.draw(curves, data.frames, data.given, metric);
    this.trace.draw(data.actions, data.frames);
    this.draw();
  }

  draw(now = performance.now()) {
    const { data, frame } = this;
    const place = `frame ${frame} / ${data.frames - 1}`;
    const arrow = this.find(".arrows").checked ? data.arrows[frame] : null;
    for (const pane of this.panes) {
      pane.draw(this.sheet, frame, place, now, this.peeking);
      pane.drawArrow(arrow);
    }
    this.grid.draw(this.sheet, frame);
    const shown = data.models.map((_, k) => this.shown(k));
    const entries = this.root.querySelectorAll(".legend b");
    this.chart.curves.forEach((curve, k) => {
      entries[k].textContent = describeValue(curve, frame, shown[k] ?? 0, this.chart.metric);
    });
    this.chart.moveTo(frame, shown);
    this.trace.moveCursor(frame);
    const seek = this.find(".seek");
    seek.value = frame;
    seek.setAttribute("aria-valuetext", `${place}, ${frame < data.given ? "given" : "predicted"}`);
    this.find(".place").textContent = `Frame ${frame} / ${data.frames - 1}`;
    this.root.dataset.frame = frame;
  }

  seek(frame) {
    this.setPlaying(false);
    this.frame = frame;
    this.sought = true;
    this.draw();
  }

  // Every model's pane shows the truth for as long as a key is held.
  peek(peeking) {
    if (peeking === this.peeking) return;
    this.peeking = peeking;
    this.draw();
  }

  step(by) {
    this.seek((this.frame + by + this.data.frames) % this.data.frames);
  }

  pick(k, sample) {
    this.samples[this.data.models[k].name] = sample;
    this.draw();
    this.tellShown();
  }

  // Other models or fewer samples, too, change what is on view; all first ones need not be told.
  // `told` is what the server takes to be on view: what it has picked, until it is told better.
  tellShown() {
    const shown = this.data.models.map((_, k) => this.shown(k));
    const same = String(shown) === String(this.told) || ![...shown, ...this.told].some(Boolean);
    if (same) return;
    this.hasTold = true;
    this.tell("shown", (this.told = shown));
  }

  // Another kind, model or edge of the last pane.
  choose() {
    this.draw();
    this.goOn();
  }

  measure(metric) {
    this.metric = metric;
    this.layOut();
    this.tell("metric", metric);
  }

  toggle() {
    const ended = this.frame === this.data.frames - 1;
    if (!this.playing && ended) this.frame = 0;
    this.setPlaying(!this.playing);
    this.sought = true;
    this.draw();
  }

  setPlaying(playing) {
    this.playing = playing;
    this.find(".play path").setAttribute("d", playing ? PAUSE : PLAY);
    this.find(".play").setAttribute("aria-label", playing ? "Pause" : "Play");
    this.due = performance.now() + this.interval();
    this.goOn();
  }

  goOn() {
    cancelAnimationFrame(this.request);
    this.request = requestAnimationFrame((now) => this.tick(now));
  }

  // Runs for as long as something moves: the frames, or what flickers while they stand still.
  tick(now) {
    if (this.playing && now >= this.due) {
      const last = this.frame === this.data.frames - 1;
      if (last && !this.find(".loop").checked) return this.setPlaying(false);
      this.frame = last ? 0 : this.frame + 1;
      this.due = Math.max(this.due + this.interval(), now);
      this.draw(now);
    } else if (this.extra.changes(now)) this.draw(now);
    if (this.playing || this.extra.flickers) this.goOn();
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
    if (target.matches("select, .wiper") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (key === " " && target.matches("button, input[type=checkbox]")) return;
    if (key in STEPS) this.step(STEPS[key]);
    else if (key === "Home") this.seek(0);
    else if (key === "End") this.seek(this.data.frames - 1);
    else if (key === " ") this.toggle();
    else if (key === TRUTH) this.peek(true);
    else if (key === "f") fillScreen(this.root);
    else if (key in WISHES) event.repeat || this.wish(WISHES[key]);
    else return;
    event.preventDefault();
  }

  rest() {
    cancelAnimationFrame(this.request);
  }
}

export default function mount({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".player");
  if (!players.has(root)) players.set(root, new Player(root, data));
  const player = players.get(root);
  player.tell = setStateValue;
  player.wish = (what) => setTriggerValue("wish", what);
  player.link.keep();
  player.show(data);
  return () => player.rest();
}
