"""What the app is pointed at: the arguments after `streamlit run demo/app.py --`."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from cvae.errors import InputError

PROJECT = Path(__file__).resolve().parent.parent
BUNDLED_SEQUENCES = PROJECT / "demo" / "sequences"
BUNDLED_MODELS = PROJECT / "checkpoints"


@dataclass(frozen=True)
class Settings:
    """data: a bundle of sequences, or a packed store, PNG tree, TFRecords or NPZ files, of which
        the test split is shown.
    runs: a folder of checkpoint folders.
    """

    data: Path = BUNDLED_SEQUENCES
    runs: Path = BUNDLED_MODELS


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise InputError(
            f"The app was started with arguments it does not know ({message}); use "
            "`streamlit run demo/app.py -- --data STORE --runs DIR`, or neither of the two; STORE "
            "may also be a PNG tree, a folder of TFRecords or of NPZ files."
        )


def read_settings(arguments: list[str]) -> Settings:
    """Settings from command line `arguments`; InputError if they can't be understood."""
    parser = _Parser(add_help=False, allow_abbrev=False)
    parser.add_argument("--data", type=Path, default=BUNDLED_SEQUENCES)
    parser.add_argument("--runs", type=Path, default=BUNDLED_MODELS)
    return Settings(**vars(parser.parse_args(arguments)))
