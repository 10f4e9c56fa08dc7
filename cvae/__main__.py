"""The command line: `python -m cvae COMMAND ...`; each command is a module of cvae.commands."""

import os
import sys
from importlib import import_module

import tyro

from cvae.errors import InputError

COMMANDS = {
    "simulate": "make a simulated BAIR data set (needs MuJoCo)",
    "calibrate": "compare simulated frames with a file of real ones",
    "download": "fetch real BAIR (30 GiB) and pack it into a store",
    "prepare": "pack BAIR in any of its forms into a store that trains fast",
    "info": "tell what a store or a bundle holds",
    "sheet": "draw many sequences on one picture",
    "bundle": "write a few sequences of a store as small lossless files",
    "train": "train a model and keep it in a folder",
    "evaluate": "measure models on a test split, print the table",
    "ablate": "train one change at a time; print what each brings",
    "tables": "print the report's two tables beside what models here measured",
    "compare": "print how one model differs from another, sequence by sequence",
    "shrink": "pack a trained model's weights, of which nothing is lost",
    "predict": "predict one sequence; write a GIF and a frame strip",
    "plan": "find commands that lead to a picture, and carry them out",
    "report": "write one page about runs that can be mailed",
    "bench": "measure how fast a part is on this machine",
}


def usage() -> str:
    lines = [f"  {name:<10} {what}" for name, what in COMMANDS.items()]
    hint = "`python -m cvae COMMAND --help` explains a command and its options."
    return "\n".join(["usage: python -m cvae COMMAND [--help] ...", "", *lines, "", hint])


def main(argv: list[str]) -> int:
    """Run one command; returns the exit code (2 for bad input, with one sentence on stderr)."""
    name, *rest = argv or ["--help"]
    try:
        if name in ("-h", "--help"):
            print(usage(), flush=True)
            return 0
        if name not in COMMANDS:
            raise InputError(f"there is no command {name!r}; choose one of: {', '.join(COMMANDS)}.")
        # Only the command that runs is imported: `simulate --help` should not load torch.
        command = import_module(f"cvae.commands.{name}").main
        tyro.cli(command, prog=f"python -m cvae {name}", args=rest)
        sys.stdout.flush()
    except InputError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\n{name}: interrupted.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # Whoever read the output, such as `head`, has seen enough; Python would try once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
