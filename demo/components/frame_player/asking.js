// What is chosen in the player is the server's to put into the link. Until it has heard, what it sends
// was made without knowing, and the player keeps to what was chosen here; after that, to what it sends.

const REMINDED_AFTER = 1000; // milliseconds, then twice as many, and so on
const MOST_WAITED = 3000; // milliseconds for what a wish brings before the next one is told

class Asking {
  // tell: the server, which echoes the `id` of what it has heard last as `heard`.
  constructor(tell) {
    Object.assign(this, { tell, open: null });
  }

  // Several may be on their way: the last one says all of them, as it may be the only one that arrives.
  ask(wanted) {
    // The id makes each one new: what was wanted before and undone by Back may be wanted again.
    this.open = { ...this.open, ...wanted, id: Math.random().toString(36) };
    this.tell(this.open);
    this.remind(REMINDED_AFTER);
  }

  // A run that is ended before it has begun takes along what it was told, and so does a lost connection.
  remind(after) {
    clearTimeout(this.reminding);
    this.reminding = setTimeout(() => {
      if (document.querySelector(IDLE)) this.tell(this.open);
      this.remind(2 * after);
    }, after);
  }

  // Back and forward take along what was asked for, heard or not.
  forget() {
    clearTimeout(this.reminding);
    this.open = null;
  }

  // Whether data were made in the knowledge of all that was asked for.
  hears({ heard, picked, metric }) {
    const { open } = this;
    if (!open) return true;
    if (open.id !== heard) return false;
    const kept = String(open.picked ?? picked) === String(picked) && (open.metric ?? metric) === metric;
    // Another wish came with the link as it was before, and undid it.
    if (!kept && !open.again) return void this.ask({ again: true });
    this.forget();
    return true;
  }
}

// One wish at a time: a second one would come with what the fields held before the first.
class Wishes {
  constructor() {
    this.later = [];
  }

  add(what) {
    if (this.waiting) return void this.later.push(what);
    this.waiting = setTimeout(() => this.next(), MOST_WAITED);
    this.grant(what);
  }

  // Something has come from the server, or nothing does.
  next() {
    this.waiting = clearTimeout(this.waiting);
    if (this.later.length) this.add(this.later.shift());
  }
}
