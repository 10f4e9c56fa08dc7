"""Starting an evaluation from the page, watching it, and stopping it."""

import streamlit as st

from demo.evaluation_job import Desk, EvaluationJob, Wanted, desk, evaluation_queue
from demo.formatting import count, plain, short_path
from demo.loading import Data, Model
from demo.state import MAX_SAMPLES

MOST = 256  # sequences of one evaluation: a page is no place for hours of work
USUAL = 16
REFRESH = 0.7  # seconds between two looks at a running evaluation


def show_measuring(models: list[Model], data: Data, sequences: int, measuring: bool) -> None:
    """The form that starts an evaluation; below it the one in progress, if `measuring`.

    sequences: how many there are to measure on.
    """
    mine = desk()
    with st.container(border=True, key="measuring"):
        st.markdown("**Measure here**")
        if not measuring and mine.job is not None:
            say_how_it_ended(mine.job)
        st.markdown(
            f":small[Measures models on the first sequences of {plain(short_path(data.path))}, "
            "on this machine, while you go on. The numbers stay apart from the stored ones, and "
            "are forgotten when you close the page.]"
        )
        # Also while it measures: Streamlit forgets what was chosen in a form that is not drawn.
        wanted = choose_wanted(models, data, min(sequences, MOST))
        if measuring:
            watch(mine)
            return
        if st.button(
            "Measure",
            icon=":material/play_arrow:",
            type="primary",
            disabled=not wanted.models,
            key="measure",
        ):
            mine.start(wanted)
            st.rerun()


def choose_wanted(models: list[Model], data: Data, most: int) -> Wanted:
    """What to measure, on `most` sequences at most."""
    from cvae.evaluation.protocol import PROTOCOLS

    names = {model.name: model for model in models}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect(
            "Models to measure",
            list(names),
            default=list(names)[:2],
            key="to_measure",
            width=420,
            placeholder="Choose one or more",
        )
        protocol = st.selectbox(
            "Protocol to measure by", list(PROTOCOLS), key="protocol_to_measure", width=190
        )
        count = st.number_input(
            "Sequences", 1, most, min(USUAL, most), key="sequences_to_measure", width=130
        )
        samples = st.number_input(
            "Samples",
            1,
            MAX_SAMPLES,
            1,
            key="samples_to_measure",
            width=130,
            help="Futures a sequence. With several, the best of them is measured too; the time "
            "grows with them.",
        )
    return Wanted(tuple(names[name] for name in chosen), data, protocol, count, samples)


@st.fragment(run_every=REFRESH)
def watch(mine: Desk) -> None:
    """Progress of the evaluation, by itself; the whole page again when it has ended."""
    job = mine.job
    if job is None or not job.active:
        st.rerun()
    st.progress(job.done / job.wanted.count, text=progress_in_words(job))
    st.button(
        "Stopping …" if job.stopping else "Stop",
        icon=":material/stop:",
        disabled=job.stopping,
        on_click=job.stop,
        key="stop_measuring",
    )


def progress_in_words(job: EvaluationJob) -> str:
    """What it is at, and how long it takes."""
    names = plain(", ".join(model.name for model in job.wanted.models))
    if job.state == "waiting":
        ahead = evaluation_queue().ahead(job)
        others = "another evaluation" if ahead < 2 else f"{ahead} other evaluations"
        return f"Waiting for {others} on this server; {names} follows by itself."
    left = job.seconds_left
    rest = "" if left is None else f", about {left:.0f} s left"
    return f"Measuring {names}: {job.done} of {count(job.wanted.count, 'sequence')}{rest}"


def say_how_it_ended(job: EvaluationJob) -> None:
    """One line about an evaluation that is over."""
    measured = f"measured on {job.done} of {count(job.wanted.count, 'sequence')}"
    if job.state == "failed":
        st.error(f"The evaluation ended: {plain(job.problem)}", icon=":material/error:")
    elif job.state == "stopped":
        st.info(f"Stopped; {measured}.", icon=":material/stop_circle:")
    else:
        st.success(f"Done; {measured}.", icon=":material/check_circle:")
