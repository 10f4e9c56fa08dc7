// All panes, the slider and the charts on one clock. Streamlit calls the default export again
// whenever the data or the theme change, so a player is kept by the element that it lives in.

const TRUTH = "t"; // the key that shows it
const WISHES = { n: "next", p: "previous", s: "sample" }; // that only the server can grant
const ARROWS = { ArrowRight: 1, ArrowLeft: -1 };
const PIXELS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
const players = new WeakMap();

class Player extends Film {
  constructor(root, data) {
    super(root, Object.keys(WISHES));
    this.frame = data.start ?? 0;
    // A link to a frame shows that frame, and no other.
    this.playing = !Film.still && data.start === null;
    this.metric = data.metric;
    this.peeking = false;
    this.chosen = { kind: "error", model: "", edge: null }; // of the last pane
    this.asking = new Asking((asked) => this.ask(asked));
    this.picks = new Picks(data, this.asking);
    this.wishes = new Wishes();
    const seek = (frame) => this.seek(frame);
    this.chart = new Chart(this.find(".chart"), seek);
    this.trace = new Trace(this.find(".trace"), seek);
    this.grid = new SampleGrid(this.find(".samples"), this.shown, (k, sample) => this.pick(k, sample));
    this.zoom = new Zoom(this);
    this.link = new PlayerInLink(this);
    if (!data.alone) this.link.obey(data.models);
    this.pageKeys = new PageKeys(this);
    this.listen();
  }

  listen() {
    super.listen();
    this.find(".metrics").onclick = (event) => event.target.value && this.measure(event.target.value);
    this.root.onkeyup = (event) => nameOf(event) === TRUTH && this.peek(false);
    this.root.addEventListener("focusout", () => this.peek(false));
  }

  // Number of the sample of model k that is on view.
  shown = (k) => this.picks.of(this.data.models[k]);

  async show(data) {
    this.wishes.next();
    if (!(await this.receive(data))) return this.follow(data);
    this.adopt(data);
    this.frame = Math.min(this.frame, data.frames - 1);
    this.find(".browsing").hidden = !data.browsing;
    this.find(".asking").hidden = data.alone;
    this.extra = new ExtraPane(data, this.chosen, this.shown, () => this.choose());
    const models = data.models.map((model, k) => new ModelPane(data, model, () => this.shown(k), data.made));
    this.setPanes([new TruthPane(data), ...models, this.extra]);
    this.grid.build(data);
    this.offerMetrics(data.metrics);
    this.layOut();
    this.setPlaying(this.playing);
    this.root.inert = false;
    this.root.dataset.sequence = data.sequence;
    this.picks.report(data);
    // What takes a browser long to draw may come now.
    if (!this.drawn) this.tell("drawn", (this.drawn = true));
  }

  // The same frames and numbers; the link may ask for others of the samples.
  follow(data) {
    if (this.data?.version !== data.version) return; // still being decoded, or superseded
    this.data = data;
    if (this.adopt(data)) this.layOut();
    this.picks.report(data);
  }

  // Take over what the server sends, unless it has yet to hear what was chosen here; whether that is
  // something else than what is shown.
  adopt(data) {
    if (!this.asking.hears(data)) return false;
    const measured = this.metric !== data.metric;
    this.metric = data.metric;
    return this.picks.adopt(data) || measured;
  }

  // Back and forward. The page may come to what it sent last, which Streamlit does not send again.
  back = () => {
    this.asking.forget();
    this.picks.forget();
    if (this.data && this.adopt(this.data)) this.layOut();
    this.picks.forget();
  };

  // Built anew only where others are offered: a button that was pressed keeps the focus.
  offerMetrics(metrics) {
    const offered = Object.keys(metrics).join();
    if (offered === this.offered) return;
    this.offered = offered;
    this.find(".metrics").replaceChildren(...Object.entries(metrics).map(([value, { name, about }]) =>
      element("button", { type: "button", value, textContent: name, title: about })));
  }

  // Of the chosen metric, or of PSNR until the server has sent the chosen one.
  curves() {
    const { models, reference } = this.data;
    const metric = reference[this.metric] ? this.metric : "psnr";
    const curves = [
      ...models.map((model) => ({ ...model, first: model.given, samples: model[metric], bold: true })),
      { ...reference, first: this.data.given, samples: reference[metric] },
    ];
    return { metric, curves };
  }

  layOut() {
    const { data } = this;
    const { metric, curves } = this.curves();
    this.layOutPanes(widestCaption(data.models, data.made));
    this.find(".legend").replaceChildren(...curves.map(buildLegendEntry));
    for (const button of this.find(".metrics").children) {
      button.setAttribute("aria-pressed", button.value === this.metric);
      button.classList.toggle("waiting", button.value === this.metric && metric !== this.metric);
    }
    this.chart.draw(curves, data, data.metrics[metric]);
    this.trace.draw(data.actions, data.frames);
    this.draw();
  }

  draw(now = performance.now()) {
    const { data, frame, place } = this;
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
    this.zoom.draw();
    this.drawPlace(data.made);
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
    this.picks.numbers[this.data.models[k].name] = sample;
    this.draw();
    this.picks.report(this.data);
  }

  // Another kind, model or edge of the last pane.
  choose() {
    this.draw();
    this.goOn();
  }

  measure(metric) {
    this.metric = metric;
    this.layOut();
    this.asking.ask({ metric });
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
    this.drawPlaying();
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

  // The slider's arrows go round, as all others do: from the last frame to the first.
  keeps(target, key) {
    return !target.matches(".seek") && super.keeps(target, key);
  }

  pressOwn(key, { shiftKey }) {
    if (shiftKey && key in PIXELS) this.zoom.step(...PIXELS[key]);
    else if (key in ARROWS) this.step(ARROWS[key]);
    else if (key === TRUTH) this.peek(true);
    else if (key in WISHES) this.wishes.add(WISHES[key]);
    else return false;
    return true;
  }

  rest() {
    super.rest();
    this.pageKeys.rest();
    window.removeEventListener("popstate", this.back);
    cancelAnimationFrame(this.request);
  }
}

export default function mount({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".player");
  if (!players.has(root)) players.set(root, new Player(root, data));
  const player = players.get(root);
  player.tell = setStateValue;
  // A state that was lost would come along with what is told later.
  player.ask = (what) => setTriggerValue("asked", what);
  player.wishes.grant = (what) => setTriggerValue("wish", what);
  const end = player.begin();
  if (!data.alone) player.link.keep();
  player.pageKeys.listen();
  window.addEventListener("popstate", player.back);
  player.show(data);
  return end;
}
