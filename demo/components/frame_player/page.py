"""The player as one file, which any browser opens without a server: for slides, or a mail."""

import json
import re
import tomllib
from html import escape

from demo.comparison import Comparison
from demo.components.frame_player import HERE, OWN, payload
from demo.components.frame_player.parts import SCRIPTS, STYLE, joined, with_parts
from demo.settings import PROJECT

CONFIG = PROJECT / "demo" / ".streamlit" / "config.toml"
THEMES = {"light": "{}", "dark": "@media (prefers-color-scheme: dark) {{ {} }}"}


def player_page(comparison: Comparison, shown: list[int], told: str) -> bytes:
    """HTML in UTF-8 that holds `comparison`, all of its metrics, and all that draws it.

    shown: for each model the number of the sample to open on. told: how it was made, as text that
    opens under the player. Light or dark as the reader's system is; nothing is fetched from
    anywhere.
    """
    data = payload(comparison, None, shown, "psnr", browsing=False, alone=True)
    models = ", ".join(one.label for one in comparison.imagined)
    parts = {
        "title": escape(f"{comparison.truth.name}: {models}"),
        "theme": _theme(),
        "style": joined(STYLE),
        "player": with_parts(HERE / "player.html"),
        "told": escape(told),
        "script": joined(*SCRIPTS, *OWN),
        "data": json.dumps(data).replace("<", "\\u003c"),  # or a name could end the script
    }
    page = joined(HERE / "page.html")
    # In one go: what is filled in may itself hold such a comment.
    return re.sub(r"<!-- (\w+) -->", lambda named: parts[named[1]], page).encode()


def _theme() -> str:
    """The app's colours, as Streamlit names them in its pages."""
    themes = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["theme"]
    return "\n".join(
        rule.format(":root { " + " ".join(map(_variable, themes[name].items())) + " }")
        for name, rule in THEMES.items()
    )


def _variable(setting: tuple[str, str]) -> str:
    """("textColor", "#1b2430") -> "--st-text-color: #1b2430;"."""
    name = re.sub(r"[A-Z]", lambda letter: f"-{letter[0].lower()}", setting[0])
    return f"--st-{name}: {setting[1]};"
