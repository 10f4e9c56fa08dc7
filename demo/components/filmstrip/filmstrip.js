// One button a sequence; only the chosen one is a tab stop, arrows, Home and End move between them.

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function buildTile({ name, title, row, column }) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", title: title ? `${title}: ${name}` : name });
  button.dataset.name = name;
  button.setAttribute("role", "option");
  const thumbnail = document.createElement("i");
  thumbnail.style.backgroundPosition =
    `calc(${-column} * var(--side)) calc(${-row} * var(--side))`;
  const words = document.createElement("span");
  words.textContent = title || name.split(/[-/_]/).pop();
  button.append(thumbnail, words);
  button.setAttribute("aria-label", button.title);
  return button;
}

function move(event) {
  event.stopPropagation(); // Streamlit has keys of its own
  const tiles = [...event.currentTarget.children];
  const here = tiles.indexOf(event.target);
  const next = { Home: 0, End: tiles.length - 1 }[event.key] ?? here + STEPS[event.key];
  if (Number.isNaN(next)) return;
  event.preventDefault();
  tiles[next]?.focus();
}

function mark(strip, chosen) {
  for (const button of strip.children) {
    const here = button.dataset.name === chosen;
    button.setAttribute("aria-selected", here);
    button.tabIndex = here ? 0 : -1;
  }
  const here = strip.querySelector('[aria-selected="true"]');
  if (!here) return strip.firstElementChild && (strip.firstElementChild.tabIndex = 0);
  // Not scrollIntoView: the page itself must stay where it is.
  const hidden = here.offsetLeft < strip.scrollLeft ||
    here.offsetLeft + here.offsetWidth > strip.scrollLeft + strip.clientWidth;
  if (hidden) strip.scrollLeft = here.offsetLeft - strip.clientWidth / 2;
}

export default function mount({ data, parentElement, setTriggerValue }) {
  const strip = parentElement.querySelector(".strip");
  const order = data.tiles.map((tile) => tile.name).join("\n");
  if (strip.dataset.order !== order) {
    strip.dataset.order = order;
    strip.replaceChildren(...data.tiles.map(buildTile));
  }
  strip.style.setProperty("--columns", data.columns);
  strip.style.setProperty("--sheet", `url("${data.sheet}")`);
  strip.onkeydown = move;
  strip.onclick = (event) => {
    const name = event.target.closest("button")?.dataset.name;
    if (!name) return;
    mark(strip, name);
    setTriggerValue("picked", name);
  };
  mark(strip, data.chosen);
}
