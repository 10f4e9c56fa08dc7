// Frames under a bar: the buttons, the slider and the keys that the player and the wheel share.

const PLAY = "M4 2.5v11l9-5.5z";
const PAUSE = "M3.5 2.5h3v11h-3zM9.5 2.5h3v11h-3z";
const STEPS = { ".": 1, ",": -1 };
const IDLE = "[data-test-script-state=notRunning]"; // Streamlit's page while the server does nothing
const OF_A_SLIDER = /^(Arrow|Home$|End$|Page)/;

// Whoever extends it says how to `draw`, `seek` a frame, `step`, `toggle` and `setPlaying`, `layOut`
// the whole, and `pressOwn` a key: whether it is one of its own.
class Film {
  // once: its own keys that do nothing more while they are held.
  constructor(root, once) {
    this.root = root;
    this.mounts = 0;
    this.once = [" ", "f", ...once];
    this.find = (selector) => root.querySelector(selector);
  }

  static get still() {
    return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  listen() {
    this.find(".play").onclick = () => this.toggle();
    this.find(".back").onclick = () => this.step(-1);
    this.find(".forward").onclick = () => this.step(1);
    this.find(".seek").oninput = (event) => this.seek(Number(event.target.value));
    this.find(".arrows").onchange = () => this.draw();
    this.find(".full").onclick = () => this.fillScreen();
    this.find(".full").hidden = !document.fullscreenEnabled;
    this.root.onkeydown = (event) => this.press(event);
    this.resizing = new ResizeObserver(() => this.data && this.layOut());
    this.resizing.observe(this.root);
  }

  // Whether there are new data now. Pictures and numbers change together: the old ones stay until
  // the new sheet is decoded, unless others have come to be wanted meanwhile.
  async receive(data) {
    if (this.wanted?.version === data.version) {
      // Still being decoded: what the last one says besides is to be shown.
      if (this.wanted !== this.data) Object.assign(this.wanted, data);
      if (this.data) this.setPlaying(this.playing);
      return false;
    }
    this.wanted = data;
    const picture = new Image();
    picture.src = data.sheet;
    await picture.decode().catch((error) => {
      if (this.wanted === data) this.wanted = this.data; // the same may be tried again
      throw error;
    });
    if (this.wanted !== data) return false;
    Object.assign(this, { data, sheet: new Sheet(picture, data.size) });
    return true;
  }

  setPanes(panes) {
    this.panes = panes;
    this.find(".panes").replaceChildren(...panes.map((pane) => pane.figure));
  }

  // widest: pixels below which a pane's caption takes two lines.
  layOutPanes(widest) {
    const width = this.root.clientWidth;
    const columns = columnsFor(this.panes.length, width);
    this.find(".panes").style.setProperty("--columns", columns);
    this.find(".panes").classList.toggle("narrow", width / columns < widest);
  }

  get place() {
    return `frame ${this.frame} / ${this.data.frames - 1}`;
  }

  // made: what a frame is that was not given.
  drawPlace(made) {
    const { data, frame, place } = this;
    const seek = this.find(".seek");
    seek.max = data.frames - 1;
    seek.value = frame;
    seek.setAttribute("aria-valuetext", `${place}, ${frame < data.given ? "given" : made}`);
    this.find(".place").textContent = `F${place.slice(1)}`;
    this.root.dataset.frame = frame;
  }

  drawPlaying() {
    this.find(".play path").setAttribute("d", this.playing ? PAUSE : PLAY);
    this.find(".play").setAttribute("aria-label", this.playing ? "Pause" : "Play");
  }

  press(event) {
    // What happens here stays here: Streamlit has keys of its own.
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = nameOf(event);
    if (this.keeps(event.target, key)) return;
    const more = event.repeat && this.once.includes(key);
    if (more || this.pressOwn(key, event) || this.pressBar(key)) event.preventDefault();
  }

  // Whether what has the focus has a use for the key itself.
  keeps(target, key) {
    if (target.matches("select")) return true;
    if (target.matches("input[type=range]")) return OF_A_SLIDER.test(key);
    return key === " " && target.matches("button, input[type=checkbox]");
  }

  // Whether `key` is one of the bar's.
  pressBar(key) {
    if (key in STEPS) this.step(STEPS[key]);
    else if (key === "Home") this.seek(0);
    else if (key === "End") this.seek(this.data.frames - 1);
    else if (key === " ") this.toggle();
    else if (key === "f") this.fillScreen();
    else return false;
    return true;
  }

  // On the whole screen, for talks; asked for again it goes back, as Escape does.
  fillScreen() {
    if (this.root.matches(":fullscreen")) document.exitFullscreen();
    else if (document.fullscreenEnabled) this.root.requestFullscreen();
  }

  // Begins a mount; returns what ends it. Streamlit may end one after a newer one has begun, whose
  // sheet and keys are not to go with it.
  begin() {
    const mount = (this.mounts += 1);
    return () => mount === this.mounts && this.rest();
  }

  // What is still being decoded comes too late.
  rest() {
    this.wanted = this.data;
  }
}

// Of a key, whatever Shift and Caps Lock make of a letter.
const nameOf = ({ key }) => (key.length === 1 ? key.toLowerCase() : key);
