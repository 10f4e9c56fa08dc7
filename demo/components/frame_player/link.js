// The link in the address bar holds how the player is set, and the frame that was sought or paused at,
// without a word to the server: a page that runs anew gives its downloads other names, and one that is
// pressed meanwhile is lost. Looked at again and again, as Streamlit writes the whole query from what
// it knows. What it may ask for stands in link.py.

const AT_REST = 300; // milliseconds between two looks at whether the frame stands still

class PlayerInLink {
  constructor(player) {
    this.player = player;
    this.page = window.location.pathname;
    this.usualSpeed = player.find(".speed").value;
  }

  // Set the player as the link asks, once; what it asks for in vain is told by the page.
  obey(models) {
    const { find, chosen } = this.player;
    const asked = new URL(window.location.href).searchParams;
    const speed = find(".speed");
    if (asked.has("fps")) speed.value = asked.get("fps");
    if (!speed.value) speed.value = this.usualSpeed;
    find(".loop").checked = asked.get("loop") !== "false";
    find(".arrows").checked = asked.get("actions") === "true";
    chosen.kind = asked.get("pane") ?? chosen.kind;
    chosen.model = models.find(({ id }) => id === asked.get("pane_model"))?.name ?? chosen.model;
    chosen.edge = asked.get("wipe");
  }

  // By its names in the link, each value as text; null for what it opens with.
  settings() {
    const { find, chosen, data } = this.player;
    const unless = (usual, value) => (String(value) === String(usual) ? null : String(value));
    return {
      pane: unless("error", chosen.kind),
      pane_model: unless(data.models[0].id, data.models.find(({ name }) => name === chosen.model).id),
      wipe: chosen.kind === "wipe" ? unless(data.size / 2, chosen.edge) : null,
      fps: unless(this.usualSpeed, find(".speed").value),
      loop: unless(true, find(".loop").checked),
      actions: unless(false, find(".arrows").checked),
    };
  }

  keep() {
    this.keeping ??= setInterval(() => this.look(), AT_REST);
  }

  look() {
    const { root, data, sought, playing, frame } = this.player;
    if (!root.isConnected) return void (this.keeping = clearInterval(this.keeping));
    // After Back to another page the player stays until that is drawn.
    if (window.location.pathname !== this.page) return;
    const atRest = sought && !playing && frame === this.lastLookedAt;
    this.lastLookedAt = frame;
    if (data) putIntoLink({ ...this.settings(), ...(atRest && { frame: String(frame) }) });
  }
}

function putIntoLink(values) {
  const link = new URL(window.location.href);
  const others = Object.entries(values).filter(([name, value]) => link.searchParams.get(name) !== value);
  if (!others.length) return;
  for (const [name, value] of others) {
    if (value === null) link.searchParams.delete(name);
    else link.searchParams.set(name, value);
  }
  window.history.replaceState(window.history.state, "", link);
}
