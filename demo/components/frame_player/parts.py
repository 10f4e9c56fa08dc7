"""What the player lends to the steering wheel: its bar, panes, trace and style."""

import re
from pathlib import Path

HERE = Path(__file__).parent
STYLE = HERE / "player.css"
# One module of several files: each stands before those that use it.
SCRIPTS = tuple(HERE / name for name in ("chart.js", "trace.js", "sheet.js", "panes.js", "film.js"))


def with_parts(page: Path) -> str:
    """The HTML of `page`; where a comment names a file of this folder, that file's."""
    text = page.read_text(encoding="utf-8")
    return re.sub(r"<!-- (\w+\.html) -->", lambda named: joined(HERE / named[1]), text)


def joined(*files: Path) -> str:
    return "\n".join(file.read_text(encoding="utf-8") for file in files)
