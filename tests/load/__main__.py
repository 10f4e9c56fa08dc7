"""The command line: `python -m tests.load --users 20 --seconds 120`."""

import sys

import tyro

from cvae.errors import InputError
from tests.load.play import Load, play


def main(argv: list[str]) -> int:
    """Play, and print the report; returns the exit code (2 for bad input)."""
    try:
        played = play(tyro.cli(Load, prog="python -m tests.load", args=argv))
    except InputError as error:
        print(f"load: {error}", file=sys.stderr)
        return 2
    print(played.report)
    return 0 if played.good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
