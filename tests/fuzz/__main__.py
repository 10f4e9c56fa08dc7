"""Look for files that a reader trips over: `python -m tests.fuzz --reader npz --minutes 1`.

Prints the first example of every kind of failure and ends with code 1 if there was one. The same
seeds give the same examples.
"""

import argparse
import resource
import signal
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz import all_readers
from tests.fuzz.reader import Reader

PROJECT = Path(__file__).resolve().parents[2]
MOST_SECONDS = 20  # for one file
MOST_MEMORY = 2 << 30  # bytes beyond what the process takes before it reads


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--reader", nargs="*", help="names of readers; all unless given")
    parser.add_argument("--minutes", type=float, default=1.0, help="for each reader")
    parser.add_argument("--seed", type=int, default=0, help="of the first round")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        readers = all_readers(Path(scratch) / "whole")
        for name in options.reader or readers:
            failed += fuzz(name, readers[name](), Path(scratch) / name, options)
    return int(failed > 0)


def fuzz(name: str, reader: Reader, folder: Path, options: argparse.Namespace) -> int:
    """How many kinds of failures were found in the time given."""
    assert reader.holds(folder, reader.parts), "what is whole is refused"
    limit_memory()
    found: dict[str, str] = {}
    read = refused = 0

    def check(parts: dict[str, bytes]) -> None:
        nonlocal read, refused
        signal.alarm(MOST_SECONDS)
        try:
            if reader.holds(folder, parts):
                read += 1
            else:
                refused += 1
        except Exception as error:
            kind = f"{type(error).__name__} at {place_of(error)}"
            if kind not in found:
                new = {part: parts[part] for part in parts if parts[part] != reader.parts[part]}
                shown = {part: content[:700] for part, content in new.items()}
                found[kind] = f"{error!s:.300}\n{shown}"
                print(f"--- {name}: {kind}: {found[kind]}", flush=True)
        finally:
            signal.alarm(0)

    signal.signal(signal.SIGALRM, lambda *_: (_ for _ in ()).throw(TimeoutError("a hang")))
    begun, number = time.monotonic(), options.seed
    while time.monotonic() - begun < 60 * options.minutes:
        look = settings(
            max_examples=200,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        seed(number)(look(given(reader.changed_parts())(check)))()
        number += 1
    print(f"{name}: {read} read, {refused} refused, {len(found)} kinds of failures", flush=True)
    return len(found)


def place_of(error: Exception) -> str:
    """The last line of the project's own that `error` came through."""
    places = traceback.extract_tb(error.__traceback__)
    ours = [place for place in places if place.filename.startswith(str(PROJECT))]
    ours = [place for place in ours if ".venv" not in place.filename]
    return f"{ours[-1].filename}:{ours[-1].lineno}"


def limit_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MOST_MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, resource.getrlimit(resource.RLIMIT_AS)[1]))


if __name__ == "__main__":
    sys.exit(main())
