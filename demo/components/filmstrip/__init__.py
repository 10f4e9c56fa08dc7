"""Thumbnails in a row that scrolls sideways; one is chosen by a click or by the keyboard."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent

_mount = st.components.v2.component(
    "filmstrip",
    html='<div class="strip" role="listbox" aria-label="Test sequences"'
    ' aria-orientation="horizontal"></div>',
    css=(HERE / "filmstrip.css").read_text(encoding="utf-8"),
    js=(HERE / "filmstrip.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Tile:
    """title: what happens in the sequence, or nothing. row, column: its place in the sheet."""

    name: str
    title: str
    row: int
    column: int


def filmstrip(
    sheet: str,
    columns: int,
    tiles: list[Tile],
    chosen: str,
    key: str,
    on_pick: Callable[[], None],
) -> None:
    """Show `tiles` in their order, the one named `chosen` marked.

    sheet: the picture that holds all thumbnails, `columns` in a row, as a data URL.
    on_pick: called after a click, with the name in `st.session_state[key].picked`.
    """
    shown = [asdict(tile) for tile in tiles]
    data = {"sheet": sheet, "columns": columns, "tiles": shown, "chosen": chosen}
    _mount(key=key, data=data, on_picked_change=on_pick)
