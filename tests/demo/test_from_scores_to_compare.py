"""From the test set to Compare: a link there shows what was measured, whatever was shown before."""

import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from cvae.evaluation.protocol import FIELD, GIVEN_STATES
from tests.demo.compare.page import names
from tests.demo.going import go
from tests.demo.shown import player
from tests.demo.written_scores import write_scores

OpenPage = Callable[..., AppTest]
SEQUENCES = [f"tiny-test-{number:04d}" for number in range(4)]


FIXED = dict(zip(SEQUENCES, (20.0, 21.0, 22.0, 23.0), strict=True))
LEARNED = dict(zip(SEQUENCES, (19.0, 19.5, 22.5, 21.0), strict=True))


@pytest.fixture(scope="module")
def evaluated(tiny_checkpoints: Path, tmp_path_factory) -> Path:
    """The tiny checkpoints, measured by the lab's protocol and by the field's; a record of one."""
    models = shutil.copytree(tiny_checkpoints, tmp_path_factory.mktemp("evaluated") / "runs")
    for protocol in (GIVEN_STATES, FIELD):
        write_scores(models / "fixed", protocol, FIXED, copied=18)
        write_scores(models / "learned", protocol, LEARNED, copied=18)
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
    assert "Compare predicts" not in said(open_page())
    words = said(open_page(protocol="field", variant="prior mean"))
    assert "Compare predicts 10 frames from 2; field is 15 from 1." in words
    assert "There the states are rolled out, here read." in words
    assert "prior's mean" not in words, "that is shown, too"
    words = said(open_page(a="record", b="learned"))
    assert "record has no weights here, and is left out there." in words


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
