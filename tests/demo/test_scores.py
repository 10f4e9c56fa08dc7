"""Who is better, by how much and how surely: in words and in the charts."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from cvae.evaluation.protocol import FIELD, GIVEN_STATES
from demo.appearance import LONGEST_LABEL, looks, shortened
from demo.score_charts import difference_figure, spread_figure, versus_figure
from demo.scores import (
    Quantity,
    difference_sentence,
    offered,
    paired_difference,
    score_table,
    sequence_scores,
)
from tests.evaluation.made_up import made_up

PSNR = Quantity("psnr", "given-states", "one sample")
ANN, BOB = (SimpleNamespace(name=name) for name in ("Ann", "Bob"))


def series(*values: float) -> pd.Series:
    return pd.Series(values, [f"s{number}" for number in range(len(values))])


def test_a_difference_is_paired_and_told_with_its_interval():
    one, other = series(20, 30, 25, 22), series(19, 28.5, 24, 21.5)
    difference = paired_difference(one, other.drop("s3"), PSNR)
    assert (difference.wins, difference.losses, difference.sequences) == (3, 0, 3)
    # 1.96 sd / sqrt(3) of 1, 1.5, 1
    half_width = 1.96 * np.std([1, 1.5, 1], ddof=1) / 3**0.5
    assert difference.half_width == pytest.approx(half_width, abs=1e-4)
    told = difference_sentence(difference, "Ann", "Bob", PSNR)
    assert told == "Ann is 1.17 ± 0.33 dB better than Bob; it wins on 3 of 3."
    turned = difference_sentence(paired_difference(other, one, PSNR), "Bob", "Ann", PSNR)
    assert turned == "Ann is 1.00 ± 0.40 dB better than Bob; it wins on 4 of 4."


def test_no_difference_is_told_where_the_interval_holds_zero():
    told = difference_sentence(
        paired_difference(series(20, 21, 22), series(21, 20, 21.5), PSNR), "Ann", "Bob", PSNR
    )
    assert told.startswith("No difference") and "Ann wins on 2 of 3" in told
    same = paired_difference(series(20, 21), series(20, 21), PSNR)
    assert difference_sentence(same, "Ann", "Bob", PSNR).startswith("No difference")
    alone = paired_difference(series(20), series(19), PSNR)
    assert "nothing can be said" in difference_sentence(alone, "Ann", "Bob", PSNR)
    assert paired_difference(series(20), series(21).rename({"s0": "other"}), PSNR) is None


@pytest.mark.parametrize(("metric", "above"), [("psnr", "Bob"), ("lpips", "Ann")])
def test_a_point_and_the_corner_it_lies_in_are_of_who_is_better(metric, above):
    quantity, looked = Quantity(metric, "given-states", "one sample"), looks([ANN, BOB])
    pair = tuple((name, looked[name]) for name in ("Ann", "Bob"))
    table = pd.DataFrame({"Ann": [1.0, 3.0], "Bob": [2.0, 1.0]}, ["up", "down"])
    figure = versus_figure(table, pair, pd.Series(True, table.index), quantity)
    [corner] = [note for note in figure.layout.annotations if note.yanchor == "top"]
    assert f"{above} better" in corner.text
    [drawn] = [line for line in figure.data[1:] if len(line.x) and line.customdata[0][0] == "up"]
    assert drawn.name == f"{above} better"
    bars = difference_figure(table, pair, quantity).data[0]
    colours = dict(zip(np.sign(bars.x), bars.marker.color, strict=True))
    assert colours[-1] == looked[above].colour and colours[1] != colours[-1]


def test_a_score_is_the_mean_over_the_frames_of_a_sequence():
    rows = pd.concat([made_up(GIVEN_STATES), made_up(FIELD, seed=1)])
    found = {"Ann": sequence_scores(rows), "Bob": sequence_scores(made_up(FIELD, seed=2))}
    assert offered(found)[0] == ["given-states", "field"]
    best = Quantity("ssim", "field", "best of N")
    table = score_table(found, best)
    assert list(table.columns) == ["Ann", "Bob", "copy last"]
    chosen = rows[(rows.protocol == "field") & (rows.variant == "best of N")]
    expected = chosen.groupby("sequence")["ssim"].mean()
    np.testing.assert_allclose(table["Ann"], expected[table.index])
    assert list(score_table(found, PSNR).columns) == ["Ann", "copy last"]


def test_long_names_leave_room_for_what_is_drawn():
    long = [f"a-sweep-over-the-width-of-the-latent-number-{number}" for number in (1, 2)]
    short = [shortened(name) for name in long]
    assert max(map(len, short)) == LONGEST_LABEL and len(set(short)) == 2, "they end differently"
    assert shortened("x" * LONGEST_LABEL) == "x" * LONGEST_LABEL
    looked = looks([SimpleNamespace(name=name) for name in long])
    table = pd.DataFrame({name: [20.0, 21.0] for name in long}, ["s0", "s1"])
    figure = spread_figure(table, looked, PSNR)
    assert list(figure.layout.yaxis.ticktext) == short
    assert [box.y0 for box in figure.data] == list(figure.layout.yaxis.tickvals)
    pair = tuple((name, looked[name]) for name in long)
    versus = versus_figure(table, pair, pd.Series(True, table.index), PSNR)
    titles = [versus.layout.xaxis.title.text, versus.layout.yaxis.title.text]
    assert titles == [f"{name}, dB" for name in short]
    [title] = [difference_figure(table, pair, PSNR).layout.xaxis.title.text]
    assert title == f"{short[0]} minus<br>{short[1]}, dB"
