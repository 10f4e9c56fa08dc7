"""Tables of ablations: found beside the models, and shown one question at a time."""

import io
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from cvae.disk import read_at_most
from cvae.errors import InputError
from demo.formatting import plain, short_path
from demo.links import BOUND, Asked

MOST_OF_A_TABLE = 1 << 24  # bytes
# Beside the models, or where `python -m cvae ablate` leaves it in a folder of runs.
ABLATIONS = ("ablations.csv", "ablations/ablations.csv")
EARLIER = "(earlier study)"  # ends a question that only runs of another study answer
PIXELS_A_LETTER, WIDEST = 6, 320  # of the column of settings
Tables = dict[str, pd.DataFrame]
"""By the question that each answers."""


def find_ablations(roots: list[Path]) -> tuple[Tables, list[str]]:
    """The tables in the folders `roots`, and in sentences what of them can't be read.

    Where two folders answer the same question, the first one does; those of an earlier study come
    last.
    """
    tables: Tables = {}
    problems = []
    for root in roots:
        try:
            tables = tables | {k: v for k, v in read_ablations(root).items() if k not in tables}
        except InputError as error:
            problems.append(str(error))
    return {name: tables[name] for name in sorted(tables, key=_is_earlier)}, problems


def asked_question(tables: Tables) -> list[Asked]:
    """What a link can ask for of `tables`; nothing where there are none."""
    instead = next(iter(tables), "")
    told = "no table here answers it"
    return [Asked("question", tables.__contains__, told, instead)] if tables else []


def show_ablations(tables: Tables, problems: list[str], roots: list[Path]) -> None:
    """The table of the chosen question, or how to make some; `asked_question` is checked before."""
    st.subheader("Ablations", anchor="ablations")
    for problem in problems:
        st.error(plain(problem), icon=":material/error:")
    if not tables:
        if not problems:
            st.info(ablations_missing(roots), icon=":material/science:")
        return
    st.caption(
        "A row a training run. Differences from the reference are taken sequence by sequence; "
        "one inside its 95 % interval is called none. That interval is over sequences: what is "
        "no larger than the difference between two seeds says nothing, whatever it is called. "
        "What was asked, and what the answers say, stands in `docs/ablations.md` of the "
        "project's folder."
    )
    questions = list(tables)
    question = st.selectbox("Question", questions, key="question", bind=BOUND, width=720)
    with st.container(key="question_in_full"):  # on a narrow screen, where the field cuts it off
        st.markdown(f"**{plain(question)}**")
    # As wide as what stands in it, and not pinned, or a phone would show nothing beside it.
    width = min(PIXELS_A_LETTER * max(map(len, tables[question].index)) + 24, WIDEST)
    st.dataframe(
        tables[question],
        key=f"ablation_{questions.index(question)}",
        width="content",
        column_config={"_index": st.column_config.TextColumn(width=width, pinned=False)},
    )
    if _is_earlier(question):
        st.caption("Of an earlier study: its rows can be compared with each other alone.")


def _is_earlier(question: str) -> bool:
    return question.endswith(EARLIER)


def ablations_missing(roots: list[Path]) -> str:
    """What to do to see ablations, in words."""
    looked = " and ".join(plain(short_path(root / ABLATIONS[0])) for root in roots)
    return (
        f"No ablations are stored (looked for {looked}). `python -m cvae ablate` makes them, a "
        "row a model and a table a question; see them with `-- --runs runs`."
    )


def read_ablations(root: Path) -> Tables:
    """The tables of the ABLATIONS in `root` by the question each answers; none without such a file.

    The file has a row a trained model, with the columns "question" (rows of one question make
    one table), "setting" (what was changed), and then whatever was measured, shown under the
    heading that the file gives it; of two columns "NAME" and "NAME ±" one is made. Raises
    InputError if it is damaged.
    """
    file = next((root / name for name in ABLATIONS if (root / name).is_file()), None)
    if file is None:
        return {}
    try:
        content = read_at_most(MOST_OF_A_TABLE, file)
        rows = pd.read_csv(
            io.BytesIO(content), dtype={"question": str, "setting": str}, index_col=False
        )
    except (OSError, ValueError, OverflowError) as error:
        raise InputError(f"{file} can't be read ({error}); restore it.") from error
    if missing := {"question", "setting"} - set(rows.columns):
        raise InputError(f"{file} lacks the columns {', '.join(sorted(missing))}; add them.")
    if rows[["question", "setting"]].isna().any(axis=None):
        raise InputError(f"{file} has a row without a question or a setting; fill them in.")
    return {
        question: _with_intervals(
            part.drop(columns="question").set_index("setting").dropna(axis=1, how="all")
        )
        for question, part in rows.groupby("question", sort=False)
    }


def _with_intervals(table: pd.DataFrame) -> pd.DataFrame:
    """Columns "NAME" and "NAME ±" as one: "23.10 ± 0.31", and a dash where there is no value."""
    for name in [name for name in table if f"{name} ±" in table]:
        both = zip(table[name], table.pop(f"{name} ±"), strict=True)
        table[name] = [_interval(mean, half) for mean, half in both]
    return table


def _interval(mean: Any, half_width: Any) -> str:
    if pd.isna(mean):
        return "–"
    try:
        # A narrow interval, as differences in pairs have it, would be all zeros.
        digits = 3 if float(half_width) < 0.1 else 2
        number = f"{float(mean):.{digits}f}"
        return number if pd.isna(half_width) else f"{number} ± {float(half_width):.{digits}f}"
    except (TypeError, ValueError):  # words in place of numbers: shown as they are
        return f"{mean} ± {half_width}"
