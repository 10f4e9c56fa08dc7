// The panes: ground truth, a model each, and one whose content is chosen.

// Short, since two selects share a pane's width; the labels of the selects say the rest.
const NAMES_OF_EXTRA = {
  error: "Error",
  flicker: "Flicker",
  wipe: "Wipe",
  mean: "Mean",
  spread: "Spread",
};
const FLICKER = 450; // milliseconds of each of the two pictures
const NARROWEST = { phone: 150, screen: 190 }; // pixels of a pane

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

// What all panes have: a caption of name and state, the frame, the arrow of the action over it.
class Pane {
  constructor(size, caption) {
    this.size = size;
    this.said = element("span", { className: "said" });
    this.canvas = buildCanvas(size);
    this.canvas.setAttribute("role", "img");
    this.context = this.canvas.getContext("2d");
    this.arrow = svgElement("svg", { class: "arrow", viewBox: `0 0 ${size} ${size}`, "aria-hidden": "true" });
    this.cross = svgElement("svg", { class: "cross", viewBox: `0 0 ${size} ${size}`, "aria-hidden": "true" });
    this.picture = element("div", { className: "picture" }, this.canvas, this.arrow, this.cross);
    this.frame = element("div", { className: "frame" }, this.picture);
    this.figure = element("figure", {}, element("figcaption", {}, caption, this.said), this.frame);
  }

  // kind: "given", "predicted", "happened" or "computed"; said: the same in words.
  tell(kind, said, label) {
    this.frame.className = `frame ${kind}`;
    this.said.textContent = said;
    this.canvas.setAttribute("aria-label", `${label}, ${said}`);
  }

  drawArrow(points) {
    if (!points) return this.arrow.replaceChildren();
    const [x1, y1, x2, y2] = points;
    const [dx, dy] = [x2 - x1, y2 - y1];
    const length = Math.hypot(dx, dy);
    const head = Math.min(2.6, length * 0.6);
    const [ux, uy] = length ? [dx / length, dy / length] : [0, 0];
    const wing = (side) => `${x2 - head * (ux - side * 0.6 * uy)},${y2 - head * (uy + side * 0.6 * ux)}`;
    const path = `M${x1},${y1}L${x2},${y2}M${wing(1)}L${x2},${y2}L${wing(-1)}`;
    this.arrow.replaceChildren(
      svgElement("circle", { cx: x1, cy: y1, r: 1 }),
      svgElement("path", { d: path, class: "under" }),
      svgElement("path", { d: path, class: "over" }),
    );
  }

  // At a pixel [x, y]; none at null.
  drawCross(pixel) {
    if (!pixel) return this.cross.replaceChildren();
    const [[x, y], { size }] = [pixel, this];
    const lines = `M0,${y + 0.5}H${x}M${x + 1},${y + 0.5}H${size}M${x + 0.5},0V${y}M${x + 0.5},${y + 1}V${size}`;
    const d = `${lines}M${x},${y}h1v1h-1z`;
    this.cross.replaceChildren(svgElement("path", { d }), svgElement("path", { d, class: "over" }));
  }
}

// Where in a pane's picture a pointer is, as shares of its sides, however close one looks.
function placeIn(picture, { clientX, clientY }) {
  const box = picture.getBoundingClientRect();
  const share = (length) => Math.max(0, Math.min(1, length));
  return [share((clientX - box.left) / box.width), share((clientY - box.top) / box.height)];
}

class TruthPane extends Pane {
  constructor(data) {
    super(data.size, element("span", { textContent: data.truth }));
    this.data = data;
  }

  draw(sheet, frame, place) {
    const given = frame < this.data.given;
    sheet.draw(this.context, 0, frame);
    this.tell(given ? "given" : "happened", given ? "given" : "what happened", `${this.data.truth}, ${place}`);
  }
}

class ModelPane extends Pane {
  // shown: tells which sample of the model is on view. made: what frames are that were not given.
  constructor(data, model, shown, made = "predicted") {
    super(data.size, element("span", { textContent: model.name }));
    Object.assign(this, { model, shown, made });
    this.frame.style.setProperty("--colour", model.colour);
    this.frame.style.setProperty("--line-style", model.dash ? "dashed" : "solid");
  }

  // peeking: whether the truth is shown in its place.
  draw(sheet, frame, place, now, peeking) {
    const { model } = this;
    if (peeking && frame >= model.given) {
      sheet.draw(this.context, 0, frame);
      this.tell("happened", "what happened", `${model.name}, ${place}`);
      return;
    }
    const sample = this.shown();
    sheet.draw(this.context, model.rows[sample], frame);
    const kind = frame < model.given ? "given" : "predicted";
    const number = model.rows.length > 1 ? `, sample ${sample + 1}` : "";
    this.tell(kind, kind === "predicted" ? this.made + number : kind, `${model.name}, ${place}`);
  }
}

// The pane of choice: what it shows and of which model is up to its two selects.
class ExtraPane extends Pane {
  constructor(data, choice, shown, redraw) {
    const several = data.models.some((model) => model.rows.length > 1);
    const kinds = Object.entries(NAMES_OF_EXTRA).filter(([kind]) => several || !["mean", "spread"].includes(kind));
    if (!kinds.some(([kind]) => kind === choice.kind)) choice.kind = "error";
    if (!data.models.some((model) => model.name === choice.model)) choice.model = data.models[0].name;
    const select = (key, options, label) => {
      const made = element("select", {}, ...options.map(([value, text]) => new Option(text, value)));
      Object.assign(made, { className: key, value: choice[key] });
      made.setAttribute("aria-label", label);
      made.onchange = () => {
        choice[key] = made.value;
        redraw();
      };
      return made;
    };
    const names = data.models.map(({ name }) => [name, name]);
    const selects = element("span", { className: "selects" }, select("kind", kinds, "Last pane: absolute error, truth and prediction in turn or side by side, mean or spread of samples"));
    if (names.length > 1) selects.append(select("model", names, "Model of the last pane"));
    super(data.size, selects);
    Object.assign(this, { data, choice, shown, redraw });
    this.figure.classList.add("extra");
    this.low = element("span");
    this.high = element("span");
    this.heat = element("i");
    const edge = choice.edge ?? data.size / 2;
    this.wipe = element("input", { type: "range", className: "wiper", min: 0, max: data.size, value: edge });
    choice.edge = this.wipe.value; // as far as it is one
    this.wipe.setAttribute("aria-label", "Where the truth ends and the prediction begins");
    this.wipe.oninput = () => this.wipeTo(this.wipe.value);
    onDrag(this.canvas, (event) => choice.kind === "wipe" && this.wipeTo(placeIn(this.picture, event)[0] * data.size));
    this.scale = element("div", { className: "scale" }, this.low, this.heat, this.wipe, this.high);
    this.figure.append(this.scale);
  }

  // The edge stays when other data come.
  wipeTo(edge) {
    this.wipe.value = edge;
    this.choice.edge = this.wipe.value;
    this.redraw();
  }

  get flickers() {
    return this.choice.kind === "flicker";
  }

  // All that the picture depends on besides the frame.
  view(now) {
    const { kind, model } = this.choice;
    return [kind, model, this.wipe.value, this.flickers ? phase(now) : 0].join();
  }

  // Whether the pane must be drawn again though the frame stands still.
  changes(now) {
    return this.view(now) !== this.drawn;
  }

  draw(sheet, frame, place, now) {
    const { kind } = this.choice;
    const index = this.data.models.findIndex(({ name }) => name === this.choice.model);
    const model = this.data.models[index];
    const row = model.rows[this.shown(index)];
    this.drawn = this.view(now);
    const truth = phase(now) === 0;
    const words = kind === "flicker" ? (truth ? "truth" : this.data.made) : "";
    if (kind === "error") sheet.drawError(this.context, row, 0, frame);
    else if (kind === "mean") sheet.drawMean(this.context, model.rows, frame);
    else if (kind === "spread") sheet.drawSpread(this.context, model.rows, frame);
    else if (kind === "flicker") sheet.draw(this.context, truth ? 0 : row, frame);
    else this.drawWipe(sheet, row, frame);
    const given = frame < model.given;
    this.tell(given ? "given" : "computed", given ? "given" : words, `${NAMES_OF_EXTRA[kind]} of ${model.name}, ${place}`);
    this.tellScale(kind);
  }

  // Under the picture: what its colours mean, or which side of it is which.
  tellScale(kind) {
    const other = this.data.made === "predicted" ? "prediction" : this.data.made;
    const ends = { error: ["0", "½ of the range"], spread: ["0", "¼ of the range"], wipe: ["truth", other] };
    this.figure.classList.toggle("wiped", kind === "wipe");
    this.scale.hidden = !(kind in ends);
    this.wipe.hidden = kind !== "wipe";
    this.heat.hidden = kind === "wipe";
    [this.low.textContent, this.high.textContent] = ends[kind] ?? ["", ""];
  }

  drawWipe(sheet, row, frame) {
    const edge = Number(this.wipe.value);
    sheet.draw(this.context, 0, frame);
    sheet.draw(this.context, row, frame, edge);
    this.context.fillStyle = "#fff";
    if (edge > 0 && edge < this.data.size) this.context.fillRect(edge, 0, 1, this.data.size);
  }
}

const phase = (now) => Math.floor(now / FLICKER) % 2;

// Pixels of a pane, about, in which the name and the state of each model stand in one line.
function widestCaption(models, made = "predicted") {
  const letters = ({ name, rows }) => name.length + (rows.length > 1 ? "predicted, sample 10" : made).length;
  return 7.4 * Math.max(...models.map(letters));
}

// As many columns as have room, the rows filled evenly.
function columnsFor(panes, width) {
  const narrowest = width < 500 ? NARROWEST.phone : NARROWEST.screen;
  const room = Math.max(1, Math.floor(width / narrowest));
  return Math.ceil(panes / Math.ceil(panes / room));
}
