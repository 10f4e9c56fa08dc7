"""From the test set to Compare: a link there shows what was measured, whatever was shown before."""

import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from cvae.data.store import Store
from cvae.evaluation.protocol import FIELD, GIVEN_STATES, ROLLED_OUT_STATES
from demo.score_choice import LATENTS
from tests.demo.compare.page import names
from tests.demo.going import go
from tests.demo.shown import player
from tests.demo.written_scores import write_scores

OpenPage = Callable[..., AppTest]
SEQUENCES = [f"tiny-test-{number:04d}" for number in range(4)]


FIXED = dict(zip(SEQUENCES, (20.0, 21.0, 22.0, 23.0), strict=True))
LEARNED = dict(zip(SEQUENCES, (19.0, 19.5, 22.5, 21.0), strict=True))


@pytest.fixture(scope="module")
def evaluated(store: Path, tiny_checkpoints: Path, tmp_path_factory) -> Path:
    """The tiny checkpoints, measured by the lab's protocol and by the field's; a record of one."""
    models = shutil.copytree(tiny_checkpoints, tmp_path_factory.mktemp("evaluated") / "runs")
    checksum = Store.open(store).split("test").checksum
    for protocol, samples in ((GIVEN_STATES, 1), (FIELD, 5), (ROLLED_OUT_STATES, 100)):
        about = {"data_checksum": checksum, "samples": samples}
        write_scores(models / "fixed", protocol, FIXED, copied=18, **about)
        write_scores(models / "learned", protocol, LEARNED, copied=18, **about)
    shutil.copytree(models / "fixed", models / "record")
    (models / "record" / "model.safetensors").unlink()
    return models


@pytest.fixture
def open_page(open_view, store: Path, evaluated: Path) -> OpenPage:
    return lambda view="test_set", **query: open_view(view, store, evaluated, **query)


def links(page: AppTest) -> list[dict[str, list[str]]]:
    """What the links to Compare ask for."""
    found = [link.proto.query_string for link in page.get("page_link")]
    return [parse_qs(query) for query in found if query]


def said(page: AppTest) -> str:
    parts = [*page.caption, *page.info, *page.markdown]
    return " ".join(part.value for part in parts).replace("\\", "")


def test_a_link_shows_what_was_measured_whatever_compare_showed_before(open_page):
    elsewhere = {"seed": "17", "samples": "3", "horizon": "28", "states": "rolled out"}
    elsewhere |= {"sequence": SEQUENCES[2], "models": "learned"}
    page = go(open_page("training"), "compare", **elsewhere)
    assert names(page) == ["Learned prior"] and player(page)["frames"] == 30
    link = next(link for link in links(go(page, "test_set")) if link["sequence"] == SEQUENCES[:1])
    shown = player(go(page, "compare", **link))
    assert shown["sequence"] == SEQUENCES[0], "the page's own default, too"
    assert (shown["frames"], [len(model["rows"]) for model in shown["models"]]) == (12, [1, 1])
    assert shown["sheet"] == player(open_page("compare"))["sheet"]


def test_a_link_names_all_that_matters(open_page):
    found = links(open_page())
    assert len(found) == 4, "each ahead, the hardest, the easiest"
    for link in found:
        assert set(link) == {
            "sequence",
            "models",
            "seed",
            "samples",
            "horizon",
            "states",
            "latent",
            "metric",
        }


def test_what_compare_shows_otherwise_than_it_was_measured_is_said(open_page):
    assert "Compare predicts" not in said(open_page()) and "samples;" not in said(open_page())
    page = open_page(protocol="field", variant="prior mean", score="psnr_lab")
    words = said(page)
    assert "Compare predicts 14 frames from 2; field is 15 from 1." in words
    assert links(page)[0]["horizon"] == ["14"], "up to the same last frame"
    assert "There the states are rolled out, here read." in words
    assert "There it is psnr that is shown: psnr_lab is not measured." in words
    assert "prior's mean" not in words, "that is shown, too"
    assert "A score here" not in words, "z at the mean has no samples"
    words = said(open_page(a="record", b="learned"))
    assert "record has no weights here, and is left out there." in words


@pytest.mark.parametrize(
    ("protocol", "variant", "drawn", "told"),
    [
        ("field", "one sample", "1", "the mean over 5 samples; Compare draws the first of them."),
        ("field", "best of N", "5", "the best of 5 samples; Compare draws all of them and opens"),
        ("rolled-out-states", "best of N", "20", "the best of 100 samples; Compare draws the fir"),
    ],
)
def test_of_which_samples_a_score_is_and_which_compare_shows(
    open_page, protocol, variant, drawn, told
):
    page = open_page(protocol=protocol, variant=variant)
    assert links(page)[0]["samples"] == [drawn]
    assert told in said(page)


def test_a_reader_learns_that_both_pages_mean_the_same_by_other_words(open_page):
    variants = open_page().selectbox(key="variant").help
    assert "the mean over the N samples" in variants and "z drawn once" not in variants
    for name, there in LATENTS.items():
        assert f"**{name}**" in variants and f"*{there}*" in variants
    latents = open_page("compare").segmented_control(key="latent").help
    assert all(f"*{name}*" in latents for name in LATENTS)


@pytest.mark.parametrize(
    ("variant", "latent", "made"),
    [
        ("one sample", "drawn", "predicted"),
        ("prior mean", "prior's mean", "prior's mean"),
        ("posterior reference", "told the truth", "reference"),
    ],
)
def test_compare_takes_z_from_where_it_was_measured(open_page, variant, latent, made):
    page = go(open_page(variant=variant), "compare", latent="told the truth")
    page = go(page, "test_set", variant=variant)
    assert ("A reference, not a prediction" in said(page)) == (made == "reference")
    link = links(page)[0]
    assert link["latent"] == [latent]
    assert player(go(page, "compare", **link))["made"] == made


def test_nothing_leads_to_compare_where_it_has_no_model_to_show(open_page):
    page = open_page(a="record", b="copy last")
    assert not links(page)
    assert set(page.dataframe[0].value["In Compare"]) == {"no weights"}
    assert "weights of neither model are here" in said(page)


def test_a_selected_row_is_forgotten_where_the_rows_are_others(open_page):
    page = open_page(score="psnr")
    table = page.dataframe[0]
    page.selectbox(key="b").select("copy last").run()
    other = page.dataframe[0]
    assert list(other.value.index) != list(table.value.index), "the test needs another order"
    assert other.proto.id != table.proto.id, "Streamlit would select the same number again"
    page.selectbox(key="b").select("learned").run()
    assert page.dataframe[0].proto.id == table.proto.id
