// Which sample of each model is on view: what was picked here, or what the link asks for.

class Picks {
  // data: of the player. asking: takes to the server what is on view.
  constructor({ models, picked, linked }, asking) {
    Object.assign(this, { asking, linked, numbers: {} });
    this.take(models, picked);
  }

  // By the model's name: others may come to stand before it.
  take(models, numbers) {
    models.forEach(({ name }, k) => (this.numbers[name] = numbers[k]));
  }

  of({ name, rows }) {
    const number = this.numbers[name] ?? 0;
    return number < rows.length ? number : 0;
  }

  // Other models or fewer samples, too, change what is on view; all first ones need not be told.
  report({ models, picked }) {
    const shown = models.map((model) => this.of(model));
    const known = this.asking.open?.picked ?? picked;
    if (String(shown) === String(known) || ![...shown, ...known].some(Boolean)) return;
    this.linked = shown.some(Boolean) ? shown : []; // as the link will have it
    this.asking.ask({ picked: shown });
  }

  // Going back in time, too, changes the link: whether it asks for others than before.
  adopt({ models, picked, linked }) {
    if (String(linked) === String(this.linked)) return false;
    this.linked = linked;
    this.take(models, picked);
    return true;
  }

  // Whatever the link asks for next is to be shown.
  forget() {
    this.linked = null;
  }
}
