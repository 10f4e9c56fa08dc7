// The arm under the hand: every command is a wish to the server, which sends the frames that follow.
// Streamlit calls the default export again whenever the data or the theme change, so a wheel is kept
// by the element that it lives in.

const SPEED = 160; // milliseconds a frame
const PATIENCE = 120000; // milliseconds until a wish without an answer is taken for lost
const UNANSWERED = 5000; // between two looks at whether the server does anything
const MOST_LATER = 8; // wishes that wait for the answer of another one
const WIDEST_BESIDE = 220; // pixels of "Recorded" and "the recording is over" in one line
// Which way the arm goes, as [dx, dy]: +x towards the camera, +y to the right.
const WAYS = [
  ["Away and left", [-1, -1]], ["Away", [-1, 0]], ["Away and right", [-1, 1]],
  ["Left", [0, -1]], ["Wait", [0, 0]], ["Right", [0, 1]],
  ["Near and left", [1, -1]], ["Near", [1, 0]], ["Near and right", [1, 1]],
];
const KEYS = { ArrowUp: "Away", ArrowDown: "Near", ArrowLeft: "Left", ArrowRight: "Right", w: "Wait" };
const wheels = new WeakMap();

// What was recorded while the arm was told otherwise, or what would have happened.
class BesidePane extends TruthPane {
  draw(sheet, frame, place) {
    super.draw(sheet, frame, place);
    const { recorded, given, truth } = this.data;
    const over = recorded !== null && frame >= recorded;
    this.figure.classList.add("beside");
    this.figure.classList.toggle("over", over);
    if (over) this.tell("computed", "the recording is over", `${truth}, ${place}`);
    else if (recorded === null && frame >= given) this.tell("happened", "would have happened", `${truth}, ${place}`);
  }
}

class RiddenPane extends ModelPane {
  draw(sheet, frame, place) {
    super.draw(sheet, frame, place, 0, false);
    const { psnr, given, name } = this.model;
    if (frame < given) return;
    const decibels = psnr.length ? `${psnr[frame - given].toFixed(1)} dB` : "imagined";
    this.tell("predicted", decibels, `${name}, ${place}`);
  }
}

class Wheel extends Film {
  constructor(root) {
    super(root, ["c", "v", "u"]);
    this.frame = Infinity; // opens on the last one
    this.later = [];
    this.trace = new Trace(this.find(".trace"), (frame) => this.seek(frame));
    this.pad = Object.fromEntries(WAYS.map(([name, way]) => [name, this.buildButton(name, way)]));
    this.find(".pad").append(...Object.values(this.pad));
    this.listen();
  }

  buildButton(name, [dx, dy]) {
    const arrow = dx || dy
      ? svgElement("path", { d: "M8 14V2.5M3.5 7 8 2.5 12.5 7", transform: `rotate(${(Math.atan2(dy, -dx) * 180) / Math.PI} 8 8)` })
      : svgElement("circle", { cx: 8, cy: 8, r: 3 });
    const picture = svgElement("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" });
    picture.append(arrow);
    const button = element("button", { type: "button", title: name }, picture);
    button.setAttribute("aria-label", name);
    button.onclick = (event) => event.detail === 0 && this.go(name); // by a key; a finger holds
    button.onpointerdown = (event) => {
      if (event.button !== 0) return;
      button.setPointerCapture(event.pointerId); // held, also where the page moves under the hand
      this.hold(name);
    };
    button.onlostpointercapture = () => this.hold(null);
    return button;
  }

  listen() {
    super.listen();
    this.find(".reach input").oninput = () => this.tellReach();
    for (const what of ["undo", "restart", "recorded"]) {
      this.find(`.${what}`).onclick = () => this.ask({ what });
    }
    this.find(".panes").onclick = (event) => this.point(event);
    this.tellReach();
  }

  tellReach() {
    this.find(".reach output").textContent = `${Number(this.find(".reach input").value).toFixed(1)} cm`;
  }

  async show(data) {
    const before = this.data;
    if (!(await this.receive(data))) return;
    this.setWaiting(false);
    this.find(".reach input").max = 100 * data.largest;
    this.disable(!data.told.length);
    const models = data.models.map((model) => new RiddenPane(data, model, () => 0));
    this.setPanes([new BesidePane(data), ...models]);
    const goesOn = before?.scene === data.scene;
    const same = goesOn && String(before.told) === String(data.told);
    if (!goesOn || same) this.frame = Math.min(this.frame, data.frames - 1);
    else this.frame = Film.still ? data.frames - 1 : lastInCommon(before, data);
    this.layOut();
    this.setPlaying(goesOn && !same && this.frame < data.frames - 1);
    this.following = this.playing; // what was just told, not what the user plays
    if (goesOn && !same) this.find(".told").textContent = `${data.frames - data.given} frames imagined`;
    this.root.inert = false;
    Object.assign(this.root.dataset, { sequence: data.sequence, frames: data.frames });
    if (!goesOn || this.held) this.later = [];
    if (this.held && goesOn && !same) this.go(this.held);
    else if (this.later.length) this.askNext();
  }

  askNext() {
    const { wish, atEnd } = this.later.shift();
    this.ask(atEnd ? { ...wish, from: this.data.frames - 1 } : wish);
  }

  layOut() {
    this.layOutPanes(Math.max(widestCaption(this.data.models), WIDEST_BESIDE));
    this.trace.draw(this.data.actions, this.data.frames);
    this.draw();
  }

  draw() {
    const { data, frame, place } = this;
    const arrows = this.find(".arrows").checked;
    this.panes.forEach((pane, k) => {
      pane.draw(this.sheet, frame, place);
      pane.drawArrow(arrows ? data.arrows[k][frame] : null);
    });
    this.trace.moveCursor(frame);
    this.drawPlace("imagined");
  }

  seek(frame) {
    this.setPlaying(false);
    this.frame = Math.max(0, Math.min(this.data.frames - 1, frame));
    this.draw();
  }

  step(by) {
    this.seek(this.frame + by);
  }

  toggle() {
    if (!this.playing && this.frame === this.data.frames - 1) this.frame = 0;
    this.following = false;
    this.setPlaying(!this.playing);
    this.draw();
  }

  setPlaying(playing) {
    clearInterval(this.timer);
    this.playing = playing;
    this.drawPlaying();
    if (playing) this.timer = setInterval(() => this.advance(), SPEED);
  }

  advance() {
    if (this.frame < this.data.frames - 1) this.frame += 1;
    if (this.frame === this.data.frames - 1) this.setPlaying(false);
    this.draw();
  }

  // One wish at a time; what is asked for meanwhile comes next. A second one would end the work on
  // the first, and lose this visitor's place among those who wait.
  ask(wish) {
    if (this.waiting) {
      const atEnd = wish.from === this.data.frames - 1;
      if (this.later.length < MOST_LATER) this.later.push({ wish, atEnd });
      return;
    }
    this.setWaiting(true);
    this.wish({ ...wish, answered: this.data.answered });
  }

  setWaiting(waiting) {
    clearTimeout(this.patience);
    clearInterval(this.looking);
    this.waiting = waiting;
    this.root.setAttribute("aria-busy", waiting);
    if (!waiting) return;
    this.patience = setTimeout(() => this.giveUp(), PATIENCE);
    this.idle = false;
    this.looking = setInterval(() => this.look(), UNANSWERED);
  }

  // Once it may be idle because it has just answered, and the frames are not drawn yet.
  look() {
    const before = this.idle;
    this.idle = document.querySelector(IDLE) !== null;
    if (before && this.idle) this.giveUp();
  }

  giveUp() {
    this.later = [];
    this.setWaiting(false);
    this.find(".told").textContent = "No answer came; tell the arm again.";
  }

  // A button that is disabled under the hand would take the keys with it.
  disable(nothing) {
    for (const button of [this.find(".undo"), this.find(".restart")]) {
      if (nothing && this.root.getRootNode().activeElement === button) this.root.focus();
      button.disabled = nothing;
    }
  }

  command(where) {
    // While the frames of the last command still play the arm goes on from their end.
    const from = this.playing && this.following ? this.data.frames - 1 : this.frame;
    const [close, lift] = [this.find(".closed").checked, this.find(".lifted").checked];
    this.ask({ what: "tell", from, close: Number(close), lift: Number(lift), ...where });
  }

  go(name) {
    const [, [x, y]] = WAYS.find(([known]) => known === name);
    const metres = this.find(".reach input").value / 100;
    this.command({ dx: x * metres, dy: y * metres });
    this.flash(this.pad[name]);
  }

  // For as long as a button of the pad is held, every answer is followed by the next command.
  hold(name) {
    this.held = name;
    if (name) this.go(name);
  }

  flash(button) {
    button.classList.add("pressed");
    setTimeout(() => button.classList.remove("pressed"), SPEED);
  }

  // Where in a model's picture the arm is to go, in the frames' own pixels.
  point(event) {
    const canvas = event.target.closest("canvas");
    if (!canvas || canvas.closest(".beside")) return;
    const box = canvas.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    this.command({ x: x * this.data.size, y: y * this.data.size });
  }

  pressOwn(key, { repeat }) {
    // A key that is held asks again when the frames are there.
    if (key in KEYS) (repeat && this.waiting) || this.go(KEYS[key]);
    else if (key === "c") this.find(".closed").click();
    else if (key === "v") this.find(".lifted").click();
    else if (key === "u") this.undo();
    else return false;
    return true;
  }

  // Also what is told, but not answered yet.
  undo() {
    if (this.waiting || this.data.told.length) this.ask({ what: "undo" });
  }

  rest() {
    super.rest();
    clearInterval(this.timer);
  }
}

// Number of the last frame up to which two rides in one scene were told the same.
function lastInCommon(one, other) {
  const differs = other.told.findIndex((command, k) => command !== one.told[k]);
  return other.first + (differs < 0 ? other.told.length : differs);
}

export default function mount({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".wheel");
  if (!wheels.has(root)) wheels.set(root, new Wheel(root));
  const wheel = wheels.get(root);
  wheel.wish = (what) => setTriggerValue("wish", what);
  const end = wheel.begin();
  wheel.show(data);
  return end;
}
