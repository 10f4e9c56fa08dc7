"""How runs were made, in commands and facts, and their curves as a file to take along."""

import pandas as pd
import streamlit as st

from demo.appearance import Look
from demo.formatting import plain
from demo.training_runs import COLUMNS, Run

CSV = "training-curves.csv"


def show_making(runs: list[Run], look: dict[str, Look]) -> None:
    """A part that opens, a tab a run: the command that trains it again, and its facts."""
    with st.expander("How they were made", icon=":material/construction:"):
        tabs = st.tabs([plain(look[run.name].label) for run in runs])
        for run, tab in zip(runs, tabs, strict=True):
            with tab:
                _show_making_of(run)


def _show_making_of(run: Run) -> None:
    from cvae.evaluation.card import TOLD, train_command, training_facts

    command = train_command(run.config, run.model.path.name, run.data)
    st.code(command, language="bash", wrap_lines=True)
    st.caption(_makes_it_again(run))
    if run.lineage.empty:
        st.caption("No epoch is complete yet.")
    elif run.lineage[list(TOLD)].iloc[-1].isna().any():
        st.caption("How it went its history does not tell in full.")
    else:
        facts = training_facts(run.config, run.data, run.lineage)
        cells = [plain(fact) for fact in facts.values()]
        table = pd.DataFrame({"fact": cells}, index=list(facts))
        st.table(table, border="horizontal", hide_header=True, width=680)


def _makes_it_again(run: Run) -> str:
    """What the command takes, in words."""
    told = "Trains it again with a store of the same data in place of STORE"
    if "started_from" not in run.data:
        return f"{told}."
    first, _, weights = run.data["started_from"].partition(", ")
    which = f" ({plain(weights)})" if weights else ""
    return f"{told}, and the folder of the model {plain(first)}{which} after `--start-from`."


def curves_csv(runs: list[Run]) -> bytes:
    """CSV of all epochs of `runs`: model, run, and COLUMNS; epochs count on from run to run."""
    parts = [run.lineage.assign(model=run.name)[["model", "run", *COLUMNS]] for run in runs]
    return pd.concat(parts).to_csv(index=False, float_format="%.10g").encode()
