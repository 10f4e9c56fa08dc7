"""Files that disappear or are damaged while the app runs: a sentence, and the rest goes on."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cvae.commands import evaluate
from cvae.data.bundle import write_bundle
from cvae.data.store import Store
from tests.data.sources import sequence_of, write_npz
from tests.tiny_data import tiny_sequence

COMPARE, TEST_SET, TRAINING, HOW = "compare", "test_set", "training", "how_it_works"

OpenPage = Callable[..., AppTest]


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
    page.run().run()
    assert not page.exception, page.exception
    return page


def said(page: AppTest) -> str:
    kinds = (page.error, page.warning, page.info)
    return " ".join(text.value.replace("\\", "") for kind in kinds for text in kind)


@pytest.mark.parametrize("view", [COMPARE, HOW, TRAINING])
@pytest.mark.parametrize("file", ["model.safetensors", "config.json", "history.csv"])
def test_a_file_of_a_model_disappears(open_page, models, view: str, file: str) -> None:
    page = open_page(view)
    (models / "fixed" / file).unlink()
    again(page)
    shutil.rmtree(models / "fixed")
    again(page)


@pytest.mark.parametrize("view", [COMPARE, HOW, TRAINING, TEST_SET])
def test_all_models_disappear(open_page, models, view: str) -> None:
    page = open_page(view)
    shutil.rmtree(models)
    assert "There is no trained model under" in said(again(page))


@pytest.mark.parametrize("view", [COMPARE, HOW])
@pytest.mark.parametrize("what", ["picture", "manifest", "all"])
def test_data_disappear(open_page, bundle, view: str, what: str) -> None:
    page = open_page(view, bundle)
    pictures = sorted(bundle.glob("*.webp"))
    {
        "picture": lambda: [picture.unlink() for picture in pictures],
        "manifest": (bundle / "manifest.json").unlink,
        "all": lambda: shutil.rmtree(bundle),
    }[what]()
    told = said(again(page))
    assert str(bundle) in told, told


def test_a_sequence_that_is_read_where_it_lies_disappears(open_page, tmp_path) -> None:
    for number in (1, 2):
        sequence = tiny_sequence(f"s{number}", number, labelled=False)
        write_npz(tmp_path / "data" / f"s{number}.npz", sequence)
    page = open_page(COMPARE, tmp_path / "data")
    (tmp_path / "data" / "s1.npz").unlink()
    assert "s1.npz is missing" in said(again(page))
    write_npz(tmp_path / "data" / "s1.npz", sequence_of("test", 1))
    assert "s1.npz has 4 frames, not 30" in said(again(page))


@pytest.mark.parametrize("file", ["evaluation.json", "evaluation.csv.xz"])
def test_an_evaluation_disappears_or_is_cut_off(open_page, store, models, file: str) -> None:
    chosen = (models / "fixed", models / "learned")
    evaluate.main(chosen, data=store, protocols=("given-states",), samples=1)
    page = open_page(TEST_SET)
    whole = (models / "fixed" / file).read_bytes()
    (models / "fixed" / file).write_bytes(whole[: len(whole) // 2])
    assert f"fixed/{file} is damaged" in said(again(page))
    (models / "fixed" / file).unlink()
    assert f"fixed/{file} is " in said(again(page))
