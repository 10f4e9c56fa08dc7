// Which sample of each model is on view: what was picked here, or what the link asks for.

class Picks {
  // data: of the player. tell: says to the server what is on view.
  constructor(data, tell) {
    Object.assign(this, { tell, numbers: {}, linked: data.linked, asked: null });
    this.take(data.models, data.picked);
  }

  listen() {
    window.addEventListener("popstate", this.forget);
  }

  rest() {
    window.removeEventListener("popstate", this.forget);
  }

  // Back and forward take what was asked for along, answered or not: the server's next word counts.
  forget = () => Object.assign(this, { asked: null, linked: null });

  // By the model's name: others may come to stand before it.
  take(models, numbers) {
    models.forEach(({ name }, k) => (this.numbers[name] = numbers[k] ?? 0));
  }

  of({ name, rows }) {
    const number = this.numbers[name] ?? 0;
    return number < rows.length ? number : 0;
  }

  // Other models or fewer samples, too, change what is on view; all first ones need not be told.
  // `told` is what the server takes to be on view: what it has picked, until it is told better.
  report({ models, picked }) {
    const [shown, told] = [models.map((model) => this.of(model)), this.told ?? picked];
    if (String(shown) === String(told) || ![...shown, ...told].some(Boolean)) return;
    const asked = shown.some(Boolean) ? shown : []; // as the link will have it
    this.asked = String(asked) === String(this.linked) ? null : asked;
    this.tell((this.told = shown));
  }

  // Going back in time, too, changes the link: whether it asks for others, without having been told to.
  adopt({ models, linked }) {
    if (String(linked) === String(this.asked)) Object.assign(this, { linked, asked: null });
    if (this.asked || String(linked) === String(this.linked)) return false;
    this.take(models, (this.linked = linked));
    return true;
  }
}
