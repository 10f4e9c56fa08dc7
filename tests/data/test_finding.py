"""A sequence is found by what a person calls it."""

import pytest

from cvae.data.bundle import Bundle, write_bundle
from cvae.data.finding import find_sequence
from cvae.data.store import Store
from cvae.errors import InputError


def test_title_name_and_number_mean_the_same_sequence(store, tmp_path) -> None:
    write_bundle(Store.open(store).split("test"), 4, tmp_path / "bundle")
    bundle = Bundle.open(tmp_path / "bundle")
    name, title = next(iter(bundle.titles.items()))
    number = bundle.names.index(name)
    for wanted in (title, name, number, str(number), number - 4):
        assert find_sequence(bundle, "bundle", wanted).name == name
    with pytest.raises(InputError, match=f"bundle has no sequence 'nobody'; it has 4.*{title}"):
        find_sequence(bundle, "bundle", "nobody")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (4, "no number 4: choose one from 0 to 3"),
        (-5, "no number -5"),
        ("4", "no number 4"),
        ("-1", "no sequence '-1'"),
        ("push", r"it has 4, from 'tiny-test-0000' to 'tiny-test-0003'\.$"),
    ],
)
def test_what_is_not_there_is_told(store, wanted, words) -> None:
    with pytest.raises(InputError, match=words):
        find_sequence(Store.open(store).split("test"), store, wanted)
