"""`python -m cvae report`: everything about some runs on one page that can be mailed around."""

from pathlib import Path
from typing import Annotated

import tyro

from cvae import bundled
from cvae.data.bundle import open_test_sequences
from cvae.data.finding import find_sequence
from cvae.disk import write_text
from cvae.errors import InputError
from cvae.evaluation.report import report

FIRST = 3  # sequences that are shown unless some are named


def main(
    runs: Annotated[tuple[Path, ...], tyro.conf.Positional],
    /,
    data: Path | None = None,
    sequences: tuple[str, ...] = (),
    device: str | None = None,
    out: Path = Path("report.html"),
) -> None:
    """Write one HTML page about runs, side by side: predictions, numbers, curves, settings.

    The page holds all its pictures and needs no network, so it can be mailed. Numbers are those
    that `python -m cvae evaluate` stored with the runs; of one that has none, the page says so.

    Example: python -m cvae report runs/mine checkpoints/learned --sequences push carry

    Args:
        runs: Folders of trained models; the first is blue, the second orange and dashed.
        data: A packed store, whose test split is taken, or a bundle; the bundled sequences
            unless told otherwise.
        sequences: Which ones to show predictions of, by title, name or number from 0; the first
            three unless told otherwise.
        device: Such as cpu or cuda; the GPU where there is one, unless told otherwise.
        out: The page to write; replaced if it is there.
    """
    if not runs:
        raise InputError("No run is named; name the folder of a trained model.")
    if out.suffix.lower() not in (".html", ".htm"):
        raise InputError(f"{out} does not end in .html: give the name of a page.")
    place = data or bundled.SEQUENCES
    source = open_test_sequences(place)
    first = range(min(FIRST, len(source)))
    wanted: dict[str | int, None] = dict.fromkeys(sequences or first)
    chosen = {found.name: found for found in (find_sequence(source, place, w) for w in wanted)}
    page = report(list(runs), list(chosen.values()), source.titles, data, device)
    write_text(out, page)
    print(f"{out}: {len(page) / 1e6:.1f} MB.")
