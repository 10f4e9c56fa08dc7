"""The Training page: the curves of all runs, what it says of them, and the tables below."""

import base64
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from demo import loading
from demo.appearance import Look
from demo.curves import QUANTITIES, View, curve_figure, share_scale, smooth
from demo.training_runs import collapse_sentence, noise_of, read_run

APP = Path(__file__).parents[2] / "demo" / "app.py"
LOOK = Look("Mine", "#0072B2", "solid", "")

OpenPage = Callable[..., AppTest]


@pytest.fixture
def runs(tiny_checkpoints: Path, tmp_path: Path) -> Path:
    """The two tiny runs, with longer histories; free to be changed."""
    root = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    for name in ("fixed", "learned"):
        write_history(root / name)
    return root


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch, runs: Path, tmp_path: Path) -> OpenPage:
    """Opens the page on `runs` alone, at `?query`."""

    def open_page(models: Path = runs, **query: str | list[str]) -> AppTest:
        for module in (loading, sys.modules["demo.settings"]):
            monkeypatch.setattr(module, "BUNDLED_MODELS", tmp_path / "none are bundled")
        monkeypatch.setattr(sys, "argv", ["app.py", "--runs", str(models)])
        page = AppTest.from_file(str(APP), default_timeout=120)
        page.switch_page("views/training.py")
        page.query_params.update(query)
        page.run()
        assert not page.exception, page.exception
        return page

    return open_page


def history(epochs: int = 10, **columns: object) -> pd.DataFrame:
    """A plausible history; `columns` take the place of its own."""
    epoch = np.arange(1, epochs + 1)
    return pd.DataFrame(
        {
            "epoch": epoch,
            "train_loss": 2.0 / epoch,
            "train_mse": 0.2 / epoch,
            "kl": 8.0 / epoch,
            "active_dims": 3,
            "beta": 5e-5,
            "teacher_forcing_ratio": np.linspace(1, 0, epochs),
            "learning_rate": 1e-3,
            "skipped": 0,
            "validation_psnr": 15 + epoch,
            "validation_ssim": 0.8,
            "seconds": 60.0,
        }
        | columns
    )


def write_history(run: Path, **columns: object) -> None:
    history(**columns).to_csv(run / "history.csv", index=False)


def change_config(run: Path, **training: object) -> None:
    config = json.loads((run / "config.json").read_text())
    config["training"] |= training
    (run / "config.json").write_text(json.dumps(config))


def charts(page: AppTest) -> dict[str, dict]:
    """The figures that the page shows, by the quantity that is drawn."""
    return {
        chart.proto.id.split("curve_")[1]: json.loads(chart.proto.spec)
        for chart in page.get("plotly_chart")
    }


def names(figure: dict) -> list[str]:
    return [line["name"] for line in figure["data"]]


def points(line: dict) -> int:
    """Plotly sends numbers as base64."""
    return len(np.frombuffer(base64.b64decode(line["x"]["bdata"]), line["x"]["dtype"]))


def said(page: AppTest) -> str:
    kinds = (page.markdown, page.error, page.warning, page.info, page.caption)
    return " ".join(text.value.replace("\\", "") for kind in kinds for text in kind)


def html(page: AppTest) -> str:
    return " ".join(element.proto.body for element in page.get("html"))


def test_draws_every_quantity_of_all_runs(open_page):
    shown = charts(open_page())
    assert list(shown) == list(QUANTITIES)
    assert names(shown["loss"]) == ["Fixed prior", "Learned prior"]
    assert [line["line"]["color"] for line in shown["loss"]["data"]] == ["#0072B2", "#E69F00"]


def test_kl_and_psnr_stand_before_their_schedules():
    for name in ("kl", "psnr"):
        figure = curve_figure(name, [(LOOK, history(beta=[0.0] * 5 + [2e-5] * 5))])
        beta, forcing, curve = figure.data
        assert max(beta.y) == 1 and beta.customdata[-1] == 2e-5
        assert list(forcing.y) == pytest.approx(np.linspace(1, 0, 10))
        assert beta.yaxis == forcing.yaxis == "y2" and figure.layout.yaxis.overlaying == "y2"
        assert curve.name == "Mine"
    assert len(curve_figure("loss", [(LOOK, history())]).data) == 1


def test_smoothing_keeps_what_was_measured_and_leaves_schedules_alone():
    values = [0.0, 10.0] * 5
    measured, smoothed = curve_figure(
        "loss", [(LOOK, history(train_loss=values))], View(smoothing=0.9)
    ).data
    assert list(measured.y) == values
    assert np.ptp(smoothed.y[4:]) < 3
    (rate,) = curve_figure("rate", [(LOOK, history(learning_rate=values))], View(0.9)).data
    assert list(rate.y) == values


def test_smoothing_begins_at_the_first_value():
    assert smooth(pd.Series([4.0, 4.0, 4.0]), 0.95).tolist() == pytest.approx([4, 4, 4])


def test_log_axis_and_range_of_epochs():
    figure = curve_figure("mse", [(LOOK, history())], View(log=True, epochs=(3, 6)))
    assert list(figure.data[0].x) == [3, 4, 5, 6]
    assert figure.layout.yaxis.type == "log"
    low, high = figure.layout.yaxis.range
    assert low < np.log10(0.2 / 6) and high > np.log10(0.2 / 3)
    assert curve_figure("psnr", [(LOOK, history())], View(log=True)).layout.yaxis.type == "linear"


def test_side_by_side_shares_one_scale(open_page):
    few, many = (curve_figure("psnr", [(LOOK, history(epochs))]) for epochs in (4, 10))
    share_scale([few, many])
    assert few.layout.yaxis.range == many.layout.yaxis.range
    assert few.layout.yaxis.range[1] >= 25
    shown = charts(open_page(layout="side by side", curves=["KL"]))
    assert list(shown) == ["kl_fixed", "kl_learned"]
    assert "Learned prior" not in names(shown["kl_fixed"])


def test_the_link_holds_what_is_shown(open_page):
    page = open_page(
        runs=["learned"], curves=["Loss", "MSE"], smoothing="0.5", log="true", epochs=["1", "2"]
    )
    shown = charts(page)
    assert list(shown) == ["loss", "mse"]
    assert names(shown["loss"])[-1] == "Learned prior"
    assert shown["loss"]["layout"]["yaxis"]["type"] == "log"
    assert page.slider(key="smoothing").value == 0.5
    assert page.slider(key="epochs").value == (1, 2)


@pytest.mark.parametrize(
    "query",
    [{"runs": ["![x](y)"]}, {"smoothing": "1e400"}, {"epochs": ["-1e400", "nan"]}, {"log": "?"}],
)
def test_nonsense_in_the_link_leaves_the_page_whole(open_page, query):
    page = open_page(**query)
    assert len(charts(page)) == len(QUANTITIES)
    assert "![x]" not in " ".join(warning.value for warning in page.warning)
    if "runs" in query:
        assert "no such run" in said(page)


def test_no_run_and_no_curve_chosen(open_page):
    page = open_page()
    page.multiselect(key="runs").set_value([]).run()
    assert not page.exception and not charts(page) and "Nothing to draw" in said(page)


def test_a_collapsed_run_explains_itself(open_page, runs):
    write_history(
        runs / "fixed", kl=[1.0] * 4 + [3e-4] * 6, active_dims=[2] * 4 + [0] * 6, beta=1.0
    )
    text = said(open_page())
    assert "fixed" in text and "the posterior died" in text
    assert "Since epoch 5" in text and "√(6144 β) = 78" in text
    assert "learned**: the posterior" not in text


def test_a_run_collapsed_from_the_start_without_a_weight_is_not_blamed_on_it(open_page, runs):
    write_history(runs / "fixed", kl=0.0, active_dims=0, beta=0.0)
    model = loading.find_models(runs)[0][0]
    sentence = collapse_sentence(read_run(model))
    assert "Since epoch 1 " in sentence and "weight is zero" in sentence
    assert noise_of(1e-4) == pytest.approx(0.784, abs=1e-3)


def test_a_run_in_training_is_watched_until_it_ends(open_page, runs):
    change_config(runs / "fixed", epochs=12)
    (runs / "fixed" / "resume.pt").write_bytes(b"never read by the app")
    page = open_page(curves=["Loss"])
    assert "10 of 12" in html(page) and "being trained, 2 min left" in html(page)
    write_history(runs / "fixed", epochs=11)
    page.run()
    assert "11 of 12" in html(page)
    assert points(charts(page)["loss"]["data"][0]) == 11
    write_history(runs / "fixed", epochs=12)
    (runs / "fixed" / "resume.pt").unlink()
    page.run()
    assert "being trained" not in html(page)


def test_a_run_that_is_silent_has_stopped_and_one_that_failed_says_why(open_page, runs):
    for name in ("fixed", "learned"):
        resume = runs / name / "resume.pt"
        resume.write_bytes(b"")
        os.utime(resume, (0, 0))
    events = [{"event": "begun"}, {"event": "failed", "why": "10 batches in a row <b>"}]
    (runs / "learned" / "events.jsonl").write_text("\n".join(map(json.dumps, events)))
    page = open_page()
    assert "stopped; the same command goes on" in html(page)
    assert "10 batches in a row <b>" in said(page)


def test_runs_that_have_just_begun(open_page, runs):
    (runs / "fixed" / "resume.pt").write_bytes(b"")
    (runs / "fixed" / "history.csv").unlink()
    (runs / "new").mkdir()
    (runs / "new" / "resume.pt").write_bytes(b"")
    page = open_page()
    assert "has just begun" in said(page) and "runs/new" in said(page)
    assert names(charts(page)["loss"]) == ["Learned prior"]
    assert "0 of 2" in html(page)


@pytest.mark.parametrize("content", [None, "", "kl\n1", "epoch,kl\n1,high"])
def test_a_damaged_history_leaves_the_other_run(open_page, runs, content):
    file = runs / "fixed" / "history.csv"
    file.unlink()
    if content is not None:
        file.write_text(content)
    page = open_page()
    assert "fixed/history.csv" in said(page)
    assert names(charts(page)["loss"]) == ["Learned prior"]


def test_columns_that_an_older_history_lacks_are_left_out(open_page, runs):
    write_history(runs / "learned")
    history()[["epoch", "kl"]].to_csv(runs / "fixed" / "history.csv", index=False)
    shown = charts(open_page())
    assert names(shown["kl"])[-2:] == ["Fixed prior", "Learned prior"]


def test_no_models_at_all(open_page, tmp_path):
    page = open_page(models=tmp_path / "nowhere")
    assert "python -m cvae train" in said(page)


def test_reports_tables_beside_ours(open_page, runs, tiny_checkpoints):
    store_evaluation(runs / "fixed", 20.44)
    shutil.copytree(runs / "fixed", runs / "again")
    change_config(runs / "again", kl_cycles=2)
    store_evaluation(runs / "again", 19.5)
    schedules, priors = (text.value for text in open_page().markdown if "BAIR |" in text.value)
    assert "| **Cyclical** | 25.468 dB | 19.50 ± 0.33 dB" in schedules and "again" in schedules
    assert "| **Monotonic** | 26.375 dB | 20.44 ± 0.33 dB" in schedules
    assert "| **Learned** | 25.953 dB | none is stored" in priors
    assert "| **Fixed** | 26.375 dB | 20.44 ± 0.33 dB" in priors
    assert "again" not in priors


def test_a_model_that_is_told_no_actions_stands_in_no_table(open_page, runs):
    store_evaluation(runs / "fixed", 20.44)
    config = json.loads((runs / "fixed" / "config.json").read_text())
    config["model"]["conditioned"] = False
    (runs / "fixed" / "config.json").write_text(json.dumps(config))
    assert "20.44" not in said(open_page())


def test_a_damaged_evaluation_is_said_and_the_table_stays(open_page, runs):
    (runs / "fixed" / "evaluation.json").write_text("{}")
    page = open_page()
    assert "fixed/evaluation.json is damaged" in said(page) and "26.375 dB" in said(page)


def test_ablations_are_shown_where_they_are_stored(open_page, runs):
    assert "No ablations are stored" in said(open_page())
    (runs / "ablations.csv").write_text(
        "question,setting,psnr,data\nWidth?,quarter,20.1,sim\nWidth?,half,21.2,sim\n"
        "Skips?,without,18.0,\n"
    )
    page = open_page()
    width, skips = (table.value for table in page.dataframe)
    assert "Width?" in said(page)
    assert width.loc["half", "psnr"] == 21.2 and list(width.columns) == ["psnr", "data"]
    assert list(skips.columns) == ["psnr"], "what no row has is no column"


def test_a_study_in_the_folder_of_runs_is_found_and_intervals_stand_with_their_means(
    open_page, runs
):
    (runs / "ablations").mkdir()
    (runs / "ablations" / "ablations.csv").write_text(
        "question,setting,windows,psnr,psnr ±,difference,difference ±,gain\n"
        "Clipped?,to 1,15360,22.789,0.243,,,reference\n"
        "Clipped?,no,15360,21.5,,-1.25,0.05,worse\n"
    )
    (table,) = (table.value for table in open_page().dataframe)
    assert list(table.columns) == ["windows", "psnr", "difference", "gain"]
    assert table["psnr"].tolist() == ["22.79 ± 0.24", "21.50"]
    assert table["difference"].tolist() == ["–", "-1.250 ± 0.050"]


@pytest.mark.parametrize("content", ["", "setting,psnr\na,1", "question,setting\n,a"])
def test_damaged_ablations_are_said(open_page, runs, content):
    (runs / "ablations.csv").write_text(content)
    page = open_page()
    assert "ablations.csv" in " ".join(error.value.replace("\\", "") for error in page.error)
    assert len(charts(page)) == len(QUANTITIES)


def store_evaluation(run: Path, decibels: float) -> None:
    """An evaluation as `python -m cvae evaluate` stores it, with one number that matters."""
    from cvae.evaluation import scores, storage
    from cvae.evaluation.protocol import GIVEN_STATES
    from cvae.model.checkpoint import weights_checksum

    number = scores.Estimate(decibels, 0.33, 256)
    measured = {variant: dict.fromkeys(scores.METRICS, number) for variant in scores.VARIANTS}
    curve = scores.Curve([decibels] * GIVEN_STATES.horizon, [0.33] * GIVEN_STATES.horizon)
    evaluation = scores.Evaluation(
        checkpoint=run.name,
        prior="fixed",
        n_past=2,
        protocol=GIVEN_STATES,
        samples=1,
        data="sim",
        source="simulated",
        split="test",
        split_size=256,
        sequences=256,
        without_positions=0,
        overall=measured,
        steps={variant: dict.fromkeys(scores.METRICS, curve) for variant in scores.VARIANTS},
    )
    none = pd.DataFrame(columns=list(scores.COLUMNS))
    storage.store(run, weights_checksum(run), evaluation, none)
