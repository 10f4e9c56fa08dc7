"""Training: the curves of all runs, the report's tables, and what went wrong where it did."""

from functools import partial
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from cvae.errors import InputError
from cvae.evaluation.published import REPORT
from demo.ablation_tables import asked_question, find_ablations, show_ablations
from demo.appearance import Look, looks
from demo.chart_config import chart_config
from demo.curves import (
    ABOUT_GREY,
    ABOUT_RUNS,
    QUANTITIES,
    WITH_SCHEDULES,
    curve_figure,
    describe_quantity,
    share_scale,
)
from demo.formatting import plain
from demo.links import check_link
from demo.loading import Model
from demo.report_tables import CAVEAT, report_differences, report_table
from demo.settings import BUNDLED_MODELS
from demo.showing import errors_in_place, look_around
from demo.training_choice import SIDE_BY_SIDE, Choice, asked_curves, choose_curves
from demo.training_differences import show_differences
from demo.training_making import CSV, curves_csv, show_making
from demo.training_runs import (
    BeginningRun,
    Run,
    Standing,
    beginning_runs,
    collapse_sentence,
    read_run,
    runs_there,
)
from demo.training_table import explain_headings, runs_table

REFRESH_SECONDS = 5
LOOK_AROUND_SECONDS = 15  # for runs that came or went, where none is awaited
IN_A_ROW = 3


def show_page() -> None:
    st.html(Path(__file__).resolve().parent.parent / "training.css")
    st.title("How they were trained", anchor=False)
    st.markdown(
        "What training did, epoch by epoch: whether the frames got better, what the latent still "
        "says, and the schedules that shaped both."
    )
    with errors_in_place():
        settings, models = look_around("Looking for runs …")
        roots = list(dict.fromkeys((settings.runs.resolve(), BUNDLED_MODELS.resolve())))
        show_models(models, roots)


def show_models(models: list[Model], roots: list[Path]) -> None:
    """Runs of `models` and those that have just begun in `roots`; tables of what was measured."""
    there, beginning = runs_there(roots), beginning_runs(roots)
    awaited = any(run.state == "training" for run in beginning)
    seconds = REFRESH_SECONDS if awaited else LOOK_AROUND_SECONDS
    st.fragment(show_beginning, run_every=seconds)(there, beginning, roots)
    runs = read_runs(models, complain=True)
    with_curves = runs if any(not run.history.empty for run in runs) else []
    ablations, problems = find_ablations(roots)
    check_link([*asked_curves(with_curves), *asked_question(ablations)])
    if with_curves:
        choice = choose_curves(with_curves)
        under_way = any(run.state == "training" for run in runs)
        watch = st.fragment(show_runs, run_every=REFRESH_SECONDS if under_way else None)
        watch(models, choice, under_way)
    show_tables([run for run in runs if run.model.predicts])  # as `python -m cvae tables` does
    show_ablations(ablations, problems, roots)


def show_beginning(
    there: dict[Path, Standing], beginning: list[BeginningRun], roots: list[Path]
) -> None:
    """What has no curves yet; the whole page again when they come, or when it has stopped.

    And when runs have come, gone or been taken up again since `there` was looked at.
    """
    if runs_there(roots) != there or beginning_runs(roots) != beginning:
        st.rerun()
    for run in beginning:
        name = plain(run.path)
        if run.state == "training":
            st.info(
                f"{name} has just begun: its state model is being fitted, and its curves come "
                "with the first epoch.",
                icon=":material/hourglass_top:",
            )
        elif run.failure:
            st.error(f"{name} failed before its first epoch: {plain(run.failure)}")
        else:
            st.info(
                f"{name} stopped before its first epoch; the same command goes on.",
                icon=":material/stop_circle:",
            )


def read_runs(models: list[Model], complain: bool) -> list[Run]:
    """The runs of `models` whose history can be read; of the others is said why not."""
    runs = []
    for model in models:
        try:
            runs.append(read_run(model))
        except InputError as error:
            if complain:
                st.error(plain(error), icon=":material/error:")
    return runs


def show_runs(models: list[Model], choice: Choice, under_way: bool) -> None:
    """Table and curves of the chosen runs, as their files are now."""
    runs = read_runs(models, complain=False)
    if under_way and not any(run.state == "training" for run in runs):
        st.rerun()  # the whole page: there is nothing to wait for any more
    look = looks(models)
    shown = [run for run in runs if run.name in choice.runs]
    st.html(runs_table(shown, look))
    explain_headings()
    for run in shown:
        if run.failure:
            st.error(f"**{plain(run.name)}** failed: {plain(run.failure)}")
        if run.collapsed:
            st.warning(
                f"**{plain(run.name)}**: {collapse_sentence(run)}", icon=":material/trending_flat:"
            )
            st.page_link(
                "views/how_it_works.py", label="What the KL weight does", icon=":material/school:"
            )
    if shown:
        show_making(shown, look)
        show_differences(shown, look)
    drawable = [run for run in shown if choice.has_epochs(run)]
    if drawable:
        if set(choice.curves) & set(WITH_SCHEDULES):
            st.caption(ABOUT_GREY)
        if any(run.epochs_before for run in drawable):
            st.caption(ABOUT_RUNS)
        show_curves(drawable, look, choice)
        st.download_button(
            "Curves as CSV",
            partial(curves_csv, drawable),
            CSV,
            "text/csv",
            key="curves_csv",
            icon=":material/table:",
            on_click="ignore",
            help="All epochs of these runs, whatever their range above.",
        )
    else:
        st.info("Nothing to draw: choose a run with a complete epoch, and a range that holds it.")


def show_curves(runs: list[Run], look: dict[str, Look], choice: Choice) -> None:
    """The chosen quantities, all runs in one figure or a figure each."""
    if choice.layout == SIDE_BY_SIDE:
        for name in choice.curves:
            show_side_by_side(name, runs, look, choice)
        return
    histories = [(look[run.name], run.lineage) for run in runs]
    for start in range(0, len(choice.curves), IN_A_ROW):
        places = st.columns(IN_A_ROW, gap="medium")
        for name, place in zip(choice.curves[start:], places, strict=False):
            place.markdown(f"**{QUANTITIES[name].title}**")
            figure = curve_figure(name, histories, choice.view)
            draw(place, figure, f"curve_{name}", describe_quantity(name, histories, choice.view))


def show_side_by_side(name: str, runs: list[Run], look: dict[str, Look], choice: Choice) -> None:
    """One quantity, a figure a run, all on the same scale."""
    st.markdown(f"**{QUANTITIES[name].title}**")
    histories = [(look[run.name], run.lineage) for run in runs]
    figures = [curve_figure(name, [one], choice.view) for one in histories]
    share_scale(figures)
    for start in range(0, len(runs), IN_A_ROW):
        places = st.columns(IN_A_ROW, gap="medium")
        for i, place in zip(range(start, len(runs)), places, strict=False):
            said = describe_quantity(name, histories[i : i + 1], choice.view)
            draw(place, figures[i], f"curve_{name}_{runs[i].name}", said)


def draw(place: DeltaGenerator, figure: go.Figure, key: str, alt: str) -> None:
    place.plotly_chart(figure, key=key, alt=alt, config=chart_config(f"training_{key}"))


def show_tables(runs: list[Run]) -> None:
    """The report's comparisons, and ours."""
    st.subheader("The report's comparisons, and ours", anchor="comparisons")
    st.caption("The report is the written course report that this project starts from.")
    problems: dict[str, None] = {}
    for compared, place in zip(REPORT, st.columns(2, gap="large"), strict=True):
        table, unread = report_table(compared, runs)
        place.markdown(table)
        for difference in report_differences(compared, runs):
            place.caption(plain(difference.replace("**", "")))
        problems |= dict.fromkeys(unread)
    for problem in problems:
        st.error(plain(problem), icon=":material/error:")
    st.caption(CAVEAT)


show_page()
