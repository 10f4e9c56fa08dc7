// The link in the address bar holds the frame that was sought or paused at, without a word to the
// server: a page that runs anew gives its downloads other names, and one that is pressed meanwhile is
// lost. Looked at again and again, as Streamlit writes the whole query from what it knows.

const AT_REST = 300; // milliseconds between two looks at whether the frame stands still

class FrameInLink {
  constructor(player) {
    this.player = player;
  }

  keep() {
    this.keeping ??= setInterval(() => this.look(), AT_REST);
  }

  look() {
    const { root, sought, playing, frame } = this.player;
    if (!root.isConnected) this.keeping = clearInterval(this.keeping);
    else if (sought && !playing && frame === this.lastLookedAt) putFrameIntoLink(frame);
    this.lastLookedAt = frame;
  }
}

function putFrameIntoLink(frame) {
  const link = new URL(window.location.href);
  if (link.searchParams.get("frame") === String(frame)) return;
  link.searchParams.set("frame", frame);
  window.history.replaceState(window.history.state, "", link);
}
