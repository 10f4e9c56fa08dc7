// All samples of one model as a grid on the player's clock; a click shows one large.

class SampleGrid {
  // shown: numbers of the samples on view, by model; onPick: called when another one is.
  constructor(root, shown, onPick) {
    Object.assign(this, { root, shown, onPick, chosen: "", tiles: [] });
    this.head = root.querySelector(".samples-head");
    this.grid = root.querySelector(".grid");
  }

  build(data) {
    this.data = data;
    this.root.hidden = data.models[0].rows.length < 2;
    if (this.root.hidden) return this.drop();
    if (!data.models.some(({ name }) => name === this.chosen)) this.chosen = data.models[0].name;
    const select = element("select", {}, ...data.models.map(({ name }) => new Option(name, name)));
    select.value = this.chosen;
    select.setAttribute("aria-label", "Model whose samples are shown");
    select.onchange = () => {
      this.chosen = select.value;
      this.buildTiles();
      this.redraw();
    };
    const title = element("b", { textContent: `${data.models[0].rows.length} samples of` });
    const hint = element("span", { className: "said", textContent: "click one to see it large" });
    this.head.replaceChildren(title, select, hint);
    this.buildTiles();
  }

  // Whoever was on one of the old tiles is on the new one of the same number.
  buildTiles() {
    const focused = this.tiles.indexOf(this.root.getRootNode().activeElement);
    this.tiles = this.model.rows.map((_, number) => this.buildTile(number));
    this.grid.replaceChildren(...this.tiles);
    this.tiles[focused]?.focus();
    this.grid.style.setProperty("--colour", this.model.colour);
  }

  drop() {
    this.tiles = [];
    this.grid.replaceChildren();
  }

  get index() {
    return this.data.models.findIndex(({ name }) => name === this.chosen);
  }

  get model() {
    return this.data.models[this.index];
  }

  buildTile(number) {
    const means = this.model.psnr.map(average);
    const rank = means[number] === Math.max(...means) ? "best" : means[number] === Math.min(...means) ? "worst" : "";
    const words = `${number + 1} · ${means[number].toFixed(2)} dB`;
    const tile = element("button", { type: "button", className: `sample ${rank}` }, buildCanvas(this.data.size),
      element("span", { textContent: words }), element("em", { textContent: rank }));
    tile.setAttribute("aria-label", `Sample ${words} on average${rank && `, the ${rank}`}`);
    tile.onclick = () => this.onPick(this.index, number);
    return tile;
  }

  draw(sheet, frame) {
    this.last = { sheet, frame };
    this.redraw();
  }

  redraw() {
    const { sheet, frame } = this.last;
    this.tiles.forEach((tile, number) => {
      sheet.draw(tile.firstChild.getContext("2d"), this.model.rows[number], frame);
      tile.setAttribute("aria-pressed", this.shown(this.index) === number);
    });
  }
}
