"""The page Steer without a browser: what a link opens, who is steered, what is offered."""

import importlib.util
import json
import shutil
import sys
from urllib.parse import parse_qs

import numpy as np
import pytest

from cvae.data.bundle import open_test_sequences
from cvae.evaluation.metrics import psnr
from cvae.inference.predictor import to_float_frames
from cvae.simulation.rerun import rerun
from demo import simulator
from demo.commands import MOST, Command, as_recorded, write
from demo.components.frame_player.actions import arrows
from demo.settings import BUNDLED_SEQUENCES
from tests.demo.going import go
from tests.demo.shown import OpenPage, component, errors, said, sheet, warnings

RIDE = "0_500_0_0x2.-500_0_1_0x2"


@pytest.fixture
def models(tiny_checkpoints, tmp_path):
    return shutil.copytree(tiny_checkpoints, tmp_path / "runs")


@pytest.fixture
def open_page(open_view, store, models) -> OpenPage:
    return lambda **query: open_view("steer", store, models, **query)


def test_opens_on_the_given_frames_with_the_first_two_models(open_page, store):
    page = open_page()
    shown = component(page, "steering_wheel")
    assert [model["name"] for model in shown["models"]] == ["Fixed prior", "Learned prior"]
    assert (shown["frames"], shown["given"], shown["first"], shown["told"]) == (3, 2, 2, [])
    recorded = open_test_sequences(store)[0].frames[:3]
    np.testing.assert_array_equal(sheet(shown)[0], recorded)
    np.testing.assert_array_equal(sheet(shown)[1:, :2], np.stack([recorded[:2]] * 2))
    assert "1 frame imagined" in said(page) and not page.get("download_button")


def test_a_link_opens_the_ride(open_page):
    page = open_page(told=RIDE, sequence="tiny-test-0002", steered="learned", seed="7")
    shown = component(page, "steering_wheel")
    assert shown["told"] == ["0_500_0_0"] * 2 + ["-500_0_1_0"] * 2
    assert (shown["sequence"], shown["frames"]) == ("tiny-test-0002", 7)
    assert [model["name"] for model in shown["models"]] == ["Learned prior"]
    np.testing.assert_allclose(shown["actions"]["dy"][2:], [0.05, 0.05, 0, 0, 0], atol=1e-6)
    other = open_page(told=RIDE, sequence="tiny-test-0002", steered="learned", seed="8")
    assert (sheet(component(other, "steering_wheel"))[1] != sheet(shown)[1]).any()
    assert page.query_params["told"] == RIDE


def test_the_recorded_commands_have_a_psnr_and_that_is_said(open_page, store):
    told = as_recorded(open_test_sequences(store)[0], 2)[:6]
    page = open_page(told=write(told))
    assert "The arm is told what it was told in the recording" in said(page)
    shown = component(page, "steering_wheel")
    assert [len(model["psnr"]) for model in shown["models"]] == [7, 7]
    other = open_page(told=write((*told[:5], Command(0, 500))))
    assert "what it was told in the recording" not in said(other)
    assert [model["psnr"] for model in component(other, "steering_wheel")["models"]] == [[], []]


@pytest.mark.parametrize("told", ["up", "0_0_0_0x99", "0_0_9_0"])
def test_a_link_that_holds_no_commands_is_told_so(open_page, told):
    page = open_page(told=told)
    assert f"The link asks for told “{told}”: give up to {MOST} commands" in warnings(page)
    assert component(page, "steering_wheel")["told"] == []


def test_a_ride_as_long_as_it_may_be_says_so(open_page):
    assert "as far as a ride goes" in said(open_page(told=f"0_0_0_0x{MOST}", steered="fixed"))


def test_the_ride_is_offered_as_files_and_as_code(open_page):
    page = open_page(told=RIDE)
    assert [one.proto.label for one in page.get("download_button")] == ["GIF", "Commands as CSV"]
    assert "[-0.05, 0.0, 1.0, 0.0]" in page.code[0].value


def test_models_that_are_told_no_actions_are_not_steered(open_page, models):
    change(models / "fixed", conditioned=False)
    page = open_page()
    assert page.multiselect(key="steered").options == ["learned"]
    change(models / "learned", conditioned=False)
    assert "No model here is told actions" in errors(open_page())


def test_a_model_without_readable_weights_leaves_the_other(open_page, models):
    (models / "fixed" / "model.safetensors").write_bytes(b"")
    page = open_page(told=RIDE)
    assert "model.safetensors" in errors(page)
    assert [m["name"] for m in component(page, "steering_wheel")["models"]] == ["Learned prior"]


def test_nobody_chosen_is_asked_for(open_page):
    assert "Choose a model above" in said(open_page(steered=""))


def test_a_ride_is_still_there_when_its_page_is_come_back_to(open_page):
    page = open_page(told=RIDE)
    ride = component(page, "steering_wheel")
    go(page, "training")
    assert component(go(page, "steer"), "steering_wheel") == ride
    assert page.query_params["told"] == RIDE
    other = component(go(go(page, "training"), "steer", told="0_0_0_0"), "steering_wheel")
    assert other["told"] == ["0_0_0_0"]
    none = component(go(go(page, "training"), "steer", told=""), "steering_wheel")
    assert none["told"] == []


def test_commands_that_were_refused_and_are_come_back_to_are_none(open_page):
    page = open_page(told="up")
    page.query_params["told"] = "up"
    page.run()
    assert not page.exception and component(page, "steering_wheel")["told"] == []


def test_only_simulated_sequences_can_be_simulated_again(open_page):
    page = open_page(beside="simulated")
    assert "The link asks for beside “simulated”" in warnings(page)
    assert component(page, "steering_wheel")["recorded"] == 30


@pytest.fixture
def simulate(open_view, models, monkeypatch):
    """The page with sequences of the simulator, and what would have happened beside the models."""
    monkeypatch.setattr(simulator, "PATIENCE", 240)
    return lambda **query: open_view(
        "steer", BUNDLED_SEQUENCES, models, beside="simulated", steered="fixed", **query
    )


@pytest.mark.simulator
def test_what_would_have_happened_is_simulated_and_measured(simulate):
    page = simulate(told=RIDE)
    shown = component(page, "steering_wheel")
    sequence = open_test_sequences(BUNDLED_SEQUENCES).by_name(shown["sequence"])
    actions = np.zeros((7, 4), np.float32)
    actions[:2] = sequence.actions[:2]
    actions[2:6] = [[0, 0.05, 0, 0]] * 2 + [[-0.05, 0, 1, 0]] * 2
    made = rerun(sequence, actions)
    expected = made.frames
    beside, imagined = sheet(shown)
    np.testing.assert_array_equal(beside, expected)
    assert shown["arrows"][0] == arrows(made), "from where the simulator has the arm"
    measured = psnr(to_float_frames(imagined[2:]), to_float_frames(expected[2:]))
    np.testing.assert_allclose(shown["models"][0]["psnr"], measured, atol=1e-4)
    assert (shown["recorded"], shown["truth"]) == (None, "Simulated")


@pytest.mark.simulator
def test_commands_that_no_arm_holds_are_told_so_and_the_recording_is_shown(simulate):
    assert not errors(simulate(told="0_500_0_0"))  # in the middle of its command
    page = simulate(told="0_500_0_0.0_400_0_0x2")
    assert "differs from the row before: a command is held for two frames" in errors(page)
    assert component(page, "steering_wheel")["truth"] == "Recorded"


def test_without_mujoco_the_page_says_what_it_could_show(open_view, models, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", without("mujoco"))
    page = open_view("steer", BUNDLED_SEQUENCES, models, steered="fixed")
    assert "requirements-simulation.txt" in said(page)
    assert not page.get("button_group")


def without(missing: str):
    there = importlib.util.find_spec
    return lambda name, *more: None if name == missing else there(name, *more)


HANGS = "import time; time.sleep(600)"
CUTS_OFF = """print('{"shape": [2, 64, 64, 3], "positions": []}', end=chr(10) + "too few")"""


@pytest.mark.simulator
@pytest.mark.parametrize("program", [HANGS, CUTS_OFF, "print('no JSON')", "raise SystemExit(3)"])
def test_a_simulator_that_gives_no_answer_is_told_so_and_begun_anew(simulate, monkeypatch, program):
    monkeypatch.setattr(simulator, "PATIENCE", 2)
    for cached in (simulator.simulator, simulator.kept_reruns):
        cached.clear()
    with monkeypatch.context() as broken:
        broken.setattr(simulator, "COMMAND", (sys.executable, "-c", program))
        page = simulate(told=RIDE)
        assert "The simulator gave no answer" in errors(page)
        assert component(page, "steering_wheel")["truth"] == "Recorded"
    monkeypatch.setattr(simulator, "PATIENCE", 240)
    monkeypatch.setattr(simulator, "RESTING", 3600)
    assert "The simulator gave no answer" in errors(page.run()), "nobody waits for it again"
    monkeypatch.setattr(simulator, "RESTING", 0)
    assert not errors(page.run())
    assert component(page, "steering_wheel")["truth"] == "Simulated"


def test_compare_leads_here_with_its_sequence(open_view, store, models):
    page = open_view("compare", store, models, sequence="tiny-test-0002")
    page.run()
    [link] = [one.proto for one in page.get("page_link") if "Tell the arm" in one.proto.label]
    asked = parse_qs(link.query_string, keep_blank_values=True)
    assert asked == {
        "sequence": ["tiny-test-0002"],
        "seed": ["0"],
        "steered": ["fixed", "learned"],
        "told": [""],
    }


def change(model, **settings) -> None:
    config = json.loads((model / "config.json").read_text())
    config["model"] |= settings
    (model / "config.json").write_text(json.dumps(config))
