"""Choosing a sequence, models and a seed: the controls, the filmstrip and its orders."""

import shutil

from cvae.commands import evaluate
from cvae.data.bundle import open_test_sequences, write_bundle
from cvae.data.store import Store
from cvae.evaluation.scores import load_scores
from cvae.model.weights import WEIGHTS
from tests.demo.compare.page import change_weights, names, tiles
from tests.demo.shown import component, errors, player
from tests.tiny_data import tiny_png_tree

SEED = 7


def test_another_sequence_model_and_seed_change_what_is_shown(open_page):
    page = open_page()
    first = player(page)
    page.selectbox(key="sequence").select("tiny-test-0002").run()
    other = player(page)
    assert other["sequence"] == "tiny-test-0002" and other["sheet"] != first["sheet"]
    page.number_input(key="seed").set_value(SEED).run()
    seeded = player(page)
    assert seeded["sheet"] != other["sheet"]
    assert seeded["models"][0]["psnr"] != other["models"][0]["psnr"]
    assert seeded["reference"] == other["reference"], "the reference has no seed"
    page.multiselect(key="models").set_value(["learned"]).run()
    assert names(page) == ["Learned prior"]
    page.multiselect(key="models").set_value([]).run()
    assert "Choose a model" in page.info[0].value
    page.multiselect(key="models").set_value(["learned", "fixed"]).run()
    again = player(page)
    assert again["sheet"] == seeded["sheet"], "whatever the order of choosing"
    assert names(page) == ["Fixed prior", "Learned prior"]


def test_buttons_step_through_the_sequences_and_round_the_end(open_page):
    page = open_page()
    page.button(key="back").click().run()
    assert player(page)["sequence"] == "tiny-test-0003"
    page.button(key="forward").click().run()
    assert player(page)["sequence"] == "tiny-test-0000"
    page.button(key="random").click().run()
    assert player(page)["sequence"] != "tiny-test-0000"
    page.button(key="sample").click().run()
    assert page.number_input(key="seed").value == 1
    assert not page.exception


def test_each_model_keeps_its_look_whatever_stands_beside_it(open_page, tiny_checkpoints, tmp_path):
    models = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    change_weights(shutil.copytree(models / "fixed", models / "another"))
    shown = player(open_page(runs=models, models=["fixed", "learned", "another"]))["models"]
    assert [model["name"] for model in shown] == ["Fixed prior", "Learned prior", "another"]
    assert [model["colour"] for model in shown[:2]] == ["#0072B2", "#E69F00"]
    assert not shown[0]["dash"] and shown[1]["dash"]
    assert len({(model["colour"], model["dash"]) for model in shown}) == 3
    [alone] = player(open_page(runs=models, models=["another"]))["models"]
    assert alone["colour"] == shown[2]["colour"]
    assert alone["psnr"] != shown[0]["psnr"]


def test_titled_sequences_come_first_in_the_filmstrip(open_page, store, tmp_path):
    write_bundle(Store.open(store).split("test"), 4, tmp_path / "bundle")
    titles = open_test_sequences(tmp_path / "bundle").titles
    assert len(titles) > 1
    shown = component(open_page(tmp_path / "bundle"), "filmstrip")["tiles"]
    assert {tile["name"]: tile["title"] for tile in shown[: len(titles)]} == titles
    assert len(shown) == 4
    assert not any(tile["title"] for tile in component(open_page(), "filmstrip")["tiles"])


def test_orders_sort_the_filmstrip_and_what_comes_next(open_page, store):
    def change(name):
        frames = open_test_sequences(store).by_name(name).frames[:12] / 255
        return ((frames[2:] - frames[1]) ** 2).mean()

    page = open_page(order="hard first")
    hard = tiles(page)
    assert hard == sorted(hard, key=change, reverse=True) and len(hard) == 4
    page.selectbox(key="sequence").select(hard[1]).run()
    page.button(key="forward").click().run()
    assert player(page)["sequence"] == hard[2]
    assert tiles(open_page(order="easy first")) == hard[::-1]


def test_an_order_that_is_chosen_begins_with_its_first_sequence(open_page):
    page = open_page()
    easy = tiles(open_page(order="easy first"))
    page.selectbox(key="order").select("easy first").run()
    assert player(page)["sequence"] == easy[0]
    page.selectbox(key="order").select("hard first").run()
    assert player(page)["sequence"] == easy[-1] and easy[0] != easy[-1]
    page.selectbox(key="sequence").select(easy[1]).run()
    assert page.selectbox(key="order").value == "hard first"
    assert player(page)["sequence"] == easy[1]


def test_a_link_with_an_order_keeps_its_sequence(open_page):
    hard = tiles(open_page(order="hard first"))
    page = open_page(order="hard first", sequence=hard[2])
    assert player(page)["sequence"] == hard[2]


def test_an_order_of_sequences_that_are_all_damaged_is_told(open_page, store, tmp_path):
    data = shutil.copytree(store, tmp_path / "store")
    page = open_page(data)
    frames = data / "test" / "frames.npy"
    frames.write_bytes(frames.read_bytes()[:5000])
    (data / "manifest.json").touch()
    page.selectbox(key="order").select("hard first").run()
    assert not page.exception and "frames.npy" in errors(page)


def test_an_evaluated_model_orders_by_its_psnr(open_page, store, tiny_checkpoints, tmp_path):
    models = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    assert "best PSNR first" not in open_page().selectbox(key="order").options
    evaluate.main((models / "fixed",), data=store, protocols=("given-states",), samples=1)
    scores = load_scores(models / "fixed")
    of_sample = scores[scores.variant == "one sample"].groupby("sequence").psnr.mean()
    best_first = of_sample.sort_values(ascending=False).index.tolist()
    page = open_page(runs=models, order="best PSNR first")
    assert tiles(page) == best_first and len(best_first) == 4
    page.selectbox(key="order").select("worst PSNR first").run()
    assert tiles(page) == best_first[::-1]

    shutil.copy(models / "learned" / WEIGHTS, models / "fixed" / WEIGHTS)
    page = open_page(runs=models)
    assert "best PSNR first" not in page.selectbox(key="order").options, "of other weights"


def test_a_model_measured_on_other_sequences_puts_none_in_order(
    open_page, store, tiny_checkpoints, tmp_path
):
    models = shutil.copytree(tiny_checkpoints, tmp_path / "runs")
    evaluate.main((models / "fixed",), data=store, protocols=("given-states",), samples=1)
    page = open_page(tiny_png_tree(tmp_path / "tree"), models, order="best PSNR first")
    shown = tiles(page)
    assert len(shown) == 2, "the order of the data themselves"
    page.button(key="forward").click().run()
    assert not page.exception and player(page)["sequence"] == shown[1]
