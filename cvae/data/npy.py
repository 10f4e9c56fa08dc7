"""NPY, the form of one array, read so that what its header claims is checked before it is believed.

A header may claim any size, hold any Python literal, and ask for pickled objects.
"""

import io
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}
PLAIN = "biufcSU"  # kinds of types that are no objects and no structures


@dataclass(frozen=True)
class Header:
    """What an array is, and at which byte its numbers begin."""

    shape: tuple[int, ...]
    dtype: np.dtype
    fortran: bool
    offset: int

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return self.offset + math.prod(self.shape) * self.dtype.itemsize


def parse_array(content: bytes) -> np.ndarray:
    """The array in the `content` of an NPY file; it takes as much memory as that.

    Raises ValueError if it is none, or holds objects, structures, fewer or more numbers than its
    header says.
    """
    header = _read_header(io.BytesIO(content), len(content))
    numbers = np.frombuffer(content, header.dtype, offset=header.offset)
    return numbers.reshape(header.shape, order="F" if header.fortran else "C").copy()


def map_array(file: Path) -> np.memmap:
    """The array in the NPY `file`, mapped into memory: nothing of it is read yet.

    Raises OSError if the file can't be read, and ValueError as `parse_array` does.
    """
    with file.open("rb") as stream:
        header = _read_header(stream, os.fstat(stream.fileno()).st_size)
    if header.fortran:
        raise ValueError("its rows do not lie one after the other")
    return np.memmap(file, header.dtype, "r", header.offset, header.shape)


def _read_header(stream: BinaryIO, size: int) -> Header:
    """The header of an open file of `size` bytes."""
    try:
        shape, fortran, dtype = HEADERS[np.lib.format.read_magic(stream)](stream)
    except Exception as error:  # whatever a damaged header makes its parser trip over
        raise ValueError("it is no NPY file, or its header is damaged") from error
    if dtype.hasobject:
        raise ValueError("Object arrays are not read: they would have to be unpickled")
    header = Header(shape, dtype, fortran, stream.tell())
    if min(shape, default=1) <= 0:
        raise ValueError("it is empty")
    if dtype.kind not in PLAIN or not dtype.itemsize or header.size != size:
        raise ValueError(f"its {size:,} bytes are not the numbers that its header says")
    return header
