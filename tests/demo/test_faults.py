"""Files that disappear or are damaged while the app runs: a sentence, and the rest goes on."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cvae.commands import evaluate
from cvae.data.bundle import write_bundle
from cvae.data.store import Store
from demo.loading import find_data
from tests.data.sources import sequence_of, write_npz
from tests.demo.compare.page import names
from tests.demo.shown import OpenPage, component, errors, player, said
from tests.demo.training.page import charts
from tests.demo.training.page import names as curves
from tests.tiny_data import tiny_sequence

COMPARE, TEST_SET, TRAINING, HOW = "compare", "test_set", "training", "how_it_works"
STEER = "steer"
BOTH, OTHER = ["Fixed prior", "Learned prior"], ["Learned prior"]
# Which of two models a page shows when one of them has no such file any more.
LEFT = {
    COMPARE: {"history.csv": BOTH, "model.safetensors": OTHER, "config.json": OTHER},
    HOW: {"history.csv": BOTH, "model.safetensors": OTHER, "config.json": OTHER},
    TRAINING: {"history.csv": OTHER, "model.safetensors": BOTH, "config.json": OTHER},
}


@pytest.fixture
def models(tiny_checkpoints: Path, tmp_path: Path) -> Path:
    """Models to take away."""
    return shutil.copytree(tiny_checkpoints, tmp_path / "runs")


@pytest.fixture
def bundle(store: Path, tmp_path: Path) -> Path:
    write_bundle(Store.open(store).split("test"), 2, tmp_path / "bundle")
    return tmp_path / "bundle"


@pytest.fixture
def open_page(open_view, store: Path, models: Path) -> OpenPage:
    return lambda view, data=store: again(open_view(view, data, models))


def again(page: AppTest) -> AppTest:
    """The page once more, as after a click, without a traceback."""
    page.run()
    assert not page.exception, page.exception
    return page


def models_on(page: AppTest, view: str) -> list[str]:
    """Which models the page shows something of."""
    if view == COMPARE:
        return names(page)
    if view == TRAINING:
        return sorted(curves(charts(page)["loss"]))  # what has no weights comes last
    options = page.selectbox(key="model").options
    assert f" {options[0]} " in component(page, "latent_walk")["name"]
    return [f"{option.capitalize()} prior" for option in options]


@pytest.mark.parametrize(("view", "file"), [(view, file) for view in LEFT for file in LEFT[view]])
def test_a_file_of_a_model_disappears(open_page, models, view: str, file: str) -> None:
    page = open_page(view)
    assert models_on(page, view) == BOTH
    (models / "fixed" / file).unlink()
    assert models_on(again(page), view) == LEFT[view][file]
    if file == "history.csv" and view != HOW:
        assert "fixed/history.csv can't be read" in errors(page)
    else:
        assert errors(page) == ""
    shutil.rmtree(models / "fixed")
    assert models_on(again(page), view) == OTHER


@pytest.mark.parametrize(
    ("view", "goes_on"),
    [
        (COMPARE, "Beside it stands what really happened."),
        (HOW, "Two slips in the report"),
        (TRAINING, "The report's comparisons"),
        (TEST_SET, "Click a point to see what was imagined there."),
    ],
)
def test_all_models_disappear(open_page, models, view: str, goes_on: str) -> None:
    page = open_page(view)
    shutil.rmtree(models)
    assert f"There is no trained model under {models}" in errors(again(page))
    assert goes_on in said(page)


@pytest.mark.parametrize("view", [COMPARE, HOW])
def test_data_disappear(open_page, bundle, view: str) -> None:
    page = open_page(view, bundle)
    for remove, named in (
        (lambda: [picture.unlink() for picture in bundle.glob("*.webp")], ".webp is missing"),
        ((bundle / "manifest.json").unlink, "has no test sequence that can be read"),
        (lambda: shutil.rmtree(bundle), "There is no folder"),
    ):
        remove()
        told = errors(again(page))
        assert str(bundle) in told and named in told, told
        # Compare's are of training, those of How it works of the schedules.
        assert len(page.get("plotly_chart")) == 2, "what needs no data stays"


@pytest.mark.parametrize("view", [COMPARE, STEER, TEST_SET, HOW])
def test_data_that_are_a_file(open_page, tmp_path, view: str) -> None:
    file = tmp_path / "frames.npy"
    file.write_bytes(b"0")
    assert str(file) in said(open_page(view, file))


def test_a_folder_that_may_not_be_read_is_left_to_who_opens_it(monkeypatch, tmp_path) -> None:
    def refused(file: Path, **_) -> None:
        raise PermissionError(13, "Permission denied", str(file))

    monkeypatch.setattr(Path, "stat", refused)
    assert find_data(tmp_path).stamp == (None,)


def test_a_sequence_that_is_read_where_it_lies_disappears(open_page, tmp_path) -> None:
    for number in (1, 2):
        sequence = tiny_sequence(f"s{number}", number, labelled=False)
        write_npz(tmp_path / "data" / f"s{number}.npz", sequence)
    page = open_page(COMPARE, tmp_path / "data")
    (tmp_path / "data" / "s1.npz").unlink()
    assert "s1.npz is missing" in errors(again(page))
    write_npz(tmp_path / "data" / "s1.npz", sequence_of("test", 1))
    assert "s1.npz has 4 frames, not 30" in errors(again(page))
    page.selectbox(key="sequence").select("s2")
    assert player(again(page))["sequence"] == "s2"


@pytest.fixture(scope="module")
def evaluated(store: Path, tiny_checkpoints: Path, tmp_path_factory) -> Path:
    """Models with an evaluation each."""
    models = shutil.copytree(tiny_checkpoints, tmp_path_factory.mktemp("evaluated") / "runs")
    chosen = (models / "fixed", models / "learned")
    evaluate.main(chosen, data=store, protocols=("given-states",), samples=1)
    return models


@pytest.mark.parametrize("file", ["evaluation.json", "evaluation.csv.xz"])
def test_an_evaluation_disappears_or_is_cut_off(
    open_view, store, evaluated, tmp_path, file: str
) -> None:
    models = shutil.copytree(evaluated, tmp_path / "runs")
    page = again(open_view(TEST_SET, store, models, b="copy last"))
    whole = (models / "fixed" / file).read_bytes()
    (models / "fixed" / file).write_bytes(whole[: len(whole) // 2])
    assert f"fixed/{file} is damaged" in errors(again(page))
    assert "Learned prior" in page.dataframe[0].value.columns
    (models / "fixed" / file).unlink()
    assert f"fixed/{file} is " in errors(again(page))
    assert "Learned prior" in page.dataframe[0].value.columns
