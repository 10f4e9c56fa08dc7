// Stepping and playing need no click into the player first, where nothing else has a use for the
// keys. No letters: words that are spoken to a computer come as letters (WCAG 2.2, 2.1.4).

const WITHOUT_OWN_KEYS = { " ": "body", ArrowRight: "body, a, button:not([role])", ArrowLeft: "body, a, button:not([role])" };

class PageKeys {
  constructor(player) {
    this.player = player;
  }

  listen() {
    document.addEventListener("keydown", this.hear);
  }

  rest() {
    document.removeEventListener("keydown", this.hear);
  }

  // Scrolled away, it would move unseen, and the page not at all.
  get isOnView() {
    const { root } = this.player;
    const { top, bottom } = root.getBoundingClientRect();
    return !root.inert && bottom > 0 && top < window.innerHeight;
  }

  hear = (event) => {
    const free = WITHOUT_OWN_KEYS[event.key];
    if (!free || event.shiftKey || event.defaultPrevented || !this.isOnView) return;
    if (document.activeElement?.matches(free)) this.player.press(event);
  };
}
