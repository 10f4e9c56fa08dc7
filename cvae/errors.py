"""The one exception for what a user can put right."""

LONGEST = 1500  # characters; names and values come from files, which may hold anything
KEPT_AT_THE_END = 300  # there it says what to do


class InputError(Exception):
    """Bad input, told in one sentence: what it is about, what is wrong, what to do.

    Commands print the sentence and exit with code 2; the page shows it in place. It is one line of
    bounded length, and nothing in it can move a terminal's cursor or colour it.
    """

    def __init__(self, sentence: str) -> None:
        if len(sentence) > LONGEST:
            sentence = f"{sentence[: LONGEST - KEPT_AT_THE_END]} … {sentence[-KEPT_AT_THE_END:]}"
        super().__init__("".join(map(_shown, sentence)))


def _shown(character: str) -> str:
    if character.isspace():
        return " "
    return character if character.isprintable() else character.encode("unicode_escape").decode()
