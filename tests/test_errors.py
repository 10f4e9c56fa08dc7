"""What a user is told is one line that can be read, whatever a file holds."""

from cvae.errors import LONGEST, InputError


def test_a_plain_sentence_stays_as_it_is() -> None:
    told = "data/ä b.npz is no NPZ file: copy it again."
    assert str(InputError(told)) == told


def test_nothing_in_it_breaks_the_line_or_moves_the_cursor() -> None:
    told = str(InputError("a\nb\r\x1b[2J\x00\u202e\ud800 is damaged."))
    assert told == "a b \\x1b[2J\\x00\\u202e\\ud800 is damaged."
    told.encode("utf-8")


def test_a_long_one_keeps_its_beginning_and_what_to_do() -> None:
    told = str(InputError(f"store/manifest.json names {'x' * 10_000}: make the store again."))
    assert len(told) <= LONGEST + 3
    assert told.startswith("store/manifest.json names x") and told.endswith("the store again.")
