// What is chosen in the player is the server's to put into the link. Until it has heard, what it sends
// was made without knowing, and the player keeps to what was chosen here; after that, to what it sends.

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
  }

  // Back and forward take along what was asked for, heard or not.
  forget() {
    this.open = null;
  }

  // Whether data were made in the knowledge of all that was asked for.
  hears({ heard }) {
    if (this.open && this.open.id !== heard) return false;
    this.open = null;
    return true;
  }
}
