"""`bench data`: what packing a data set costs, and what it brings."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from cvae.benchmarks.machine import describe_machine
from cvae.benchmarks.measurement import Measurement
from cvae.benchmarks.packing import Packing, pack, plain_write
from cvae.benchmarks.repeated_data import write_png_tree, write_tfrecords
from cvae.benchmarks.windows import LENGTH, Reading, read_png_tree, read_store
from cvae.bundled import SEQUENCES
from cvae.data.bundle import open_test_sequences
from cvae.data.sequence import FRAME_SIZE, SEQUENCE_LENGTH, Sequence
from cvae.errors import InputError
from cvae.markdown import markdown_table

FEWEST = 16  # sequences of which every split gets some
SEQUENCE_BYTES = SEQUENCE_LENGTH * FRAME_SIZE * FRAME_SIZE * 3
# Room for the sources (files of 256 records; pictures that take 8 KB each) and what a disk needs.
TFRECORD_ROOM = 500_000_000
PNG_BYTES = SEQUENCE_LENGTH * 8192


@dataclass(frozen=True)
class DataBenchmark:
    """Measure packing a data set as large as BAIR, and reading random windows from it.

    A few sequences are repeated until they are a data set: one as large as BAIR as TFRecords with
    both cameras, and a smaller one as a PNG tree. `prepare` packs both, between two plain writes
    of as many bytes as the store has. Then random windows of 12 frames are read from the store
    and from the tree. All of it lies in a new folder that is deleted at the end. As set, it needs
    18 GB of disk and some minutes.

    Example: python -m cvae bench data --sequences 2000
    """

    sequences: int = 44_000
    """Sequences in TFRecords; 0.37 MB each in the store."""
    png_sequences: int = 2_048
    """Sequences in the PNG tree."""
    windows: int = 2_000
    """Windows read from the store in one repeat; a tenth of it from the PNG tree."""
    repeats: int = 5
    """How often reading windows is measured."""
    data: Path = SEQUENCES
    """Sequences to repeat: a bundle, or the test split of a store."""
    scratch: Path = Path("/var/tmp")
    """A folder on the disk that is to be measured."""

    def __post_init__(self) -> None:
        least = {"sequences": FEWEST, "png_sequences": FEWEST, "windows": 10, "repeats": 1}
        for field, number in least.items():
            if getattr(self, field) < number:
                option = "--" + field.replace("_", "-")
                raise InputError(f"{option} is {getattr(self, field)}: give {number} or more.")

    def run(self) -> str:
        """Measure, and tell in Markdown.

        Raises InputError if there are no sequences to repeat, or no room or no right to write.
        """
        machine = describe_machine()
        source = open_test_sequences(self.data)
        samples = [source[index] for index in range(min(len(source), self.png_sequences))]
        with self._scratch_folder() as folder:
            return f"{machine}\n\n{self._report(self._measure(folder, samples))}"

    def _measure(self, folder: Path, samples: list[Sequence]) -> "_Found":
        _tell("making the TFRecords and the PNG tree")
        write_tfrecords(folder / "records", samples, self.sequences)
        pictures = write_png_tree(folder / "pictures", samples, self.png_sequences)
        _tell(f"plain write of {self._size / 1e9:.1f} GB")
        before = plain_write(folder / "plain", self._size)
        _tell("prepare from TFRecords")
        records = pack(folder / "records", folder / "store", self.sequences)
        _tell("random windows from the store")
        store = read_store(folder / "store", self.windows, self.repeats)
        shutil.rmtree(folder / "store")
        _tell("plain write once more")
        after = plain_write(folder / "plain", self._size)
        _tell("prepare from the PNG tree")
        tree = pack(folder / "pictures", folder / "store of pictures", self.png_sequences)
        _tell("random windows from the PNG tree")
        png = read_png_tree(pictures, max(self.windows // 10, 1), self.repeats)
        return _Found(Measurement((before, after)), records, tree, store, png)

    def _report(self, found: "_Found") -> str:
        packing = (
            f"Plain sequential write of {self._size / 1e9:.1f} GB, before and after packing "
            f"TFRecords: {found.plain} MB/s. `prepare` is bound by the disk where it comes near "
            "that, and by decoding where the cores are busy throughout. All times end when the "
            "disk has the bytes. The sources were in memory: reading them from a slow disk comes "
            "on top."
        )
        windows = (
            f"Windows of {LENGTH} frames read in one process, median (least to greatest) of "
            f"{self.repeats} draws without repetition from {self.sequences:,} and "
            f"{self.png_sequences:,} sequences. Cold: the system was made to forget the contents "
            "of the files (not their names and places; a disk or a host may have memory of its "
            "own). Warm: the same windows once more."
        )
        return "\n\n".join([_packing_table(found), packing, _window_table(found), windows])

    @property
    def _size(self) -> int:
        """Bytes of the store's frames."""
        return self.sequences * SEQUENCE_BYTES

    @contextmanager
    def _scratch_folder(self) -> Iterator[Path]:
        """A new folder with enough room, deleted afterwards."""
        # The store and the plain writes of its size are there one after the other.
        needed = self._size + TFRECORD_ROOM + self.png_sequences * (PNG_BYTES + SEQUENCE_BYTES)
        try:
            free = shutil.disk_usage(self.scratch).free
            if needed > free:
                raise InputError(
                    f"{self.scratch} has {free / 1e9:.1f} GB free, and {needed / 1e9:.1f} GB are "
                    "needed: choose another place with --scratch, or fewer --sequences."
                )
            with TemporaryDirectory(prefix="cvae-bench-", dir=self.scratch) as folder:
                yield Path(folder)
        except OSError as error:
            raise InputError(
                f"{self.scratch} can't be used ({error.strerror}): choose another place with "
                "--scratch."
            ) from error


@dataclass(frozen=True)
class _Found:
    """What was measured; `plain` in MB/s."""

    plain: Measurement
    records: Packing
    tree: Packing
    store: Reading
    png: Reading


def _tell(step: str) -> None:
    """What is being done, beside the report: some steps take a minute."""
    print(f"bench data: {step}", file=sys.stderr)


def _packing_table(found: _Found) -> str:
    header = ["`prepare` from", "sequences", "seconds", "sequences/s", "MB/s written"]
    header += ["of plain write", "cores busy", "peak memory"]
    rows = [
        [
            form,
            f"{packing.sequences:,}",
            f"{packing.seconds:.1f}",
            f"{packing.sequences / packing.seconds:,.0f}",
            f"{packing.megabytes_per_second:,.0f}",
            f"{packing.megabytes_per_second / found.plain.median:.0%}",
            f"{packing.busy:.0%}",
            f"{packing.peak / 2**20:,.0f} MiB",
        ]
        for form, packing in {"TFRecords": found.records, "a PNG tree": found.tree}.items()
    ]
    return markdown_table(header, rows)


def _window_table(found: _Found) -> str:
    rows = [
        [state, str(store), str(png), f"{store.median / png.median:.1f}"]
        for state, store, png in [
            ("warm", found.store.warm, found.png.warm),
            ("cold", found.store.cold, found.png.cold),
        ]
    ]
    return markdown_table(["windows/s", "store", "PNG tree", "ratio"], rows)
