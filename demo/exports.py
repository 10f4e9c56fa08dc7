"""The buttons under a comparison that make files of it; each file is made when it is asked for."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from cvae.evaluation.clips import MP4_NEEDS, can_write_mp4
from demo.comparison import Comparison
from demo.export_files import Export
from demo.formatting import short_path
from demo.loading import Data, open_sequences

OWN = "the user's own recording"
SOURCES = {
    "simulated": "simulated in the look of BAIR robot pushing; no robot moved",
    "bair": "a real recording of the BAIR robot pushing data set",
}


def show_exports(comparison: Comparison, shown: list[int], data: Data | None) -> None:
    """Offer `comparison` as files.

    shown: for each model the number of the sample that the pictures are to show.
    data: where the sequence comes from; None for the user's own.
    """
    path = data.path if data else None
    export = Export(comparison, shown, _source(comparison, data), path)
    mp4 = can_write_mp4()
    st.markdown("**Take it with you**")
    with st.container(horizontal=True, gap="small", key="exports"):
        _offer("GIF", export.gif, export.stem + ".gif", "image/gif", "movie")
        _offer("WebP, lossless", export.webp, export.stem + ".webp", "image/webp", "movie")
        _offer(
            "MP4" if mp4 else f"MP4: needs pip install {MP4_NEEDS}",
            export.mp4,
            export.stem + ".mp4",
            "video/mp4",
            "movie",
            disabled=not mp4,
        )
        _offer("Player as HTML", export.page, export.stem + ".html", "text/html", "smart_display")
        _offer("PNG strip", export.strip, export.stem + ".png", "image/png", "view_column")
        _offer("CSV per frame", export.table, export.stem + ".csv", "text/csv", "table")
        _offer("All as ZIP", export.archive, export.stem + ".zip", "application/zip", "folder_zip")
    st.caption("Made when you press. The ZIP holds all of them and says how they were made.")


def _offer(
    label: str, make: Callable[[], bytes], file: str, mime: str, icon: str, disabled: bool = False
) -> None:
    st.download_button(
        label,
        make,
        file,
        mime,
        key=f"export_{Path(file).suffix[1:]}",
        icon=f":material/{icon}:",
        on_click="ignore",
        disabled=disabled,
    )


def _source(comparison: Comparison, data: Data | None) -> str:
    if data is None:
        return OWN
    source = "simulated" if comparison.truth.simulated else open_sequences(data).source
    return SOURCES.get(source, f"from {short_path(data.path)} (source: {source})")
