"""The one exception for what a user can put right."""


class InputError(Exception):
    """Bad input, told in one sentence: what it is about, what is wrong, what to do.

    Commands print the sentence and exit with code 2; the page shows it in place.
    """
