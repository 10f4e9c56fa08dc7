"""Tests marked `simulator` need MuJoCo and a software OpenGL."""

import os
from functools import cache

import pytest

from cvae.errors import InputError
from cvae.simulation.availability import require_simulator


@cache
def what_is_missing() -> str | None:
    try:
        require_simulator()
    except InputError as error:
        return str(error)
    return None


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("simulator") is None or what_is_missing() is None:
        return
    if os.environ.get("CVAE_TESTS_STRICT") == "1":
        pytest.fail(what_is_missing(), pytrace=False)
    pytest.skip(what_is_missing())
