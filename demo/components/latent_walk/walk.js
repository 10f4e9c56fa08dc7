// One dimension of the latent under the hand. Streamlit calls the default export again whenever
// the data or the theme change, so a walk is kept by the element that it lives in.

const GAIN = 2;
const MILLISECONDS = 140; // a step of the sweep
const walks = new WeakMap();

class Walk {
  constructor(root) {
    this.root = root;
    this.find = (selector) => root.querySelector(selector);
    this.find(".value input").oninput = (event) => this.move(Number(event.target.value));
    this.find(".time input").oninput = (event) => this.draw({ frame: Number(event.target.value) });
    this.find(".sweep").onclick = () => this.setSweeping(!this.timer);
    root.onkeydown = (event) => event.stopPropagation(); // Streamlit has keys of its own
  }

  // The old pictures stay until the new ones are decoded.
  async show(data) {
    this.wanted = data;
    const sheet = new Image();
    sheet.src = data.sheet;
    await sheet.decode();
    if (this.wanted !== data) return;
    const first = !this.data;
    Object.assign(this, { data, sheet });
    const last = data.values.length - 1;
    if (first) Object.assign(this, { value: last, frame: data.frames - 1 });
    this.frame = Math.min(this.frame, data.frames - 1);
    this.middle = data.values.indexOf(0);
    this.root.style.setProperty("--colour", data.colour);
    this.find(".value input").max = last;
    this.find(".time input").max = data.frames - 1;
    this.root.querySelectorAll(".panes canvas").forEach((canvas) => {
      canvas.width = canvas.height = data.size;
    });
    this.find(".strip").replaceChildren(...data.values.map((_, k) => this.buildThumbnail(k)));
    this.draw({});
    this.root.inert = false;
    this.root.dataset.shown = data.name;
  }

  buildThumbnail(k) {
    const button = Object.assign(document.createElement("button"), { type: "button" });
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = this.data.size;
    button.append(canvas, this.label(k));
    button.setAttribute("aria-label", `${this.data.latent} at ${this.label(k)}`);
    button.onclick = () => this.move(k);
    return button;
  }

  label(k) {
    const sigmas = this.data.values[k];
    return sigmas === 0 ? "mean" : `${sigmas > 0 ? "+" : "−"}${Math.abs(sigmas)} σ`;
  }

  move(value) {
    this.setSweeping(false);
    this.draw({ value });
  }

  draw(change) {
    Object.assign(this, change);
    const { data, value, frame, middle } = this;
    const number = `frame ${frame + data.first}`;
    const still = `${data.latent} at the prior's mean`;
    const moved = `${data.latent} at ${this.label(value)}`;
    this.paint(".truth", data.values.length, "Ground truth", number);
    this.paint(".still", middle, still, number);
    this.paint(".moved", value, moved, number);
    this.paintChange(number);
    this.find(".value input").value = value;
    this.find(".value input").setAttribute("aria-valuetext", moved);
    this.find(".value output").textContent = this.label(value);
    this.find(".time input").value = frame;
    this.find(".time input").setAttribute("aria-valuetext", number);
    this.find(".time output").textContent = `${frame + data.first} / ${data.first + data.frames - 1}`;
    this.root.querySelectorAll(".strip button").forEach((button, k) => {
      this.copy(button.firstChild, k);
      button.setAttribute("aria-pressed", k === value);
    });
    Object.assign(this.root.dataset, { value: data.values[value], frame: frame + data.first });
  }

  paint(pane, k, words, number) {
    const canvas = this.find(`${pane} canvas`);
    this.copy(canvas, k);
    this.find(`${pane} figcaption`).textContent = words;
    canvas.setAttribute("aria-label", `${words}, ${number}`);
  }

  copy(canvas, k) {
    const { size } = this.data;
    const pixels = canvas.getContext("2d", { willReadFrequently: true });
    pixels.drawImage(this.sheet, this.frame * size, k * size, size, size, 0, 0, size, size);
    return pixels.getImageData(0, 0, size, size);
  }

  paintChange(number) {
    const { size } = this.data;
    const canvas = this.find(".change canvas");
    const before = this.copy(canvas, this.middle).data;
    const picture = this.copy(canvas, this.value);
    let total = 0;
    for (let i = 0; i < size * size * 4; i += 1) {
      if (i % 4 === 3) continue;
      const change = Math.abs(picture.data[i] - before[i]);
      total += change;
      picture.data[i] = GAIN * change;
    }
    canvas.getContext("2d").putImageData(picture, 0, 0);
    const mean = (total / (3 * size * size)).toFixed(1);
    canvas.setAttribute("aria-label", `Change of ${number}: ${mean} levels of 255 on average`);
  }

  setSweeping(sweeping) {
    clearInterval(this.timer);
    const last = this.data.values.length - 1;
    let step = this.value === last ? -1 : 1;
    this.timer = sweeping && setInterval(() => {
      if (this.value + step < 0 || this.value + step > last) step = -step;
      this.draw({ value: this.value + step });
    }, MILLISECONDS);
    this.find(".sweep").setAttribute("aria-pressed", Boolean(sweeping));
  }

  rest() {
    clearInterval(this.timer);
    this.timer = undefined;
    this.find(".sweep").setAttribute("aria-pressed", false);
  }
}

export default function mount({ data, parentElement }) {
  const root = parentElement.querySelector(".walk");
  if (!walks.has(root)) walks.set(root, new Walk(root));
  const walk = walks.get(root);
  walk.show(data);
  return () => walk.rest();
}
