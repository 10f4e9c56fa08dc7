"""What has to be the same for numbers to stand in one table."""

from dataclasses import replace

import pytest

from cvae.evaluation.protocol import FIELD
from cvae.evaluation.table import grouped
from cvae.evaluation.task import task_of
from tests.evaluation.made_up import evaluation_of, made_up

MEASURED = evaluation_of(made_up(FIELD), FIELD)


@pytest.mark.parametrize(
    "otherwise",
    [
        {"data_checksum": "b2"},
        {"split": "validate"},
        {"samples": 20},
        {"n_past": 1},
        {"sequences": 2},
    ],
)
def test_what_was_measured_otherwise_stands_in_a_table_of_its_own(otherwise) -> None:
    other = replace(MEASURED, **otherwise)
    assert task_of(other) != task_of(MEASURED)
    assert len(grouped([{"field": MEASURED}, {"field": other}])) == 2


def test_the_same_data_may_lie_in_a_folder_of_another_name() -> None:
    moved = replace(MEASURED, data="elsewhere/sim")
    assert len(grouped([{"field": MEASURED}, {"field": moved}])) == 1
