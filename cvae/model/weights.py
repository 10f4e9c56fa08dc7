"""The weights in a checkpoint's folder: one file of tensors, plain or packed.

    model.safetensors        as training writes it
    model.safetensors.npz    the same bytes in a seventh less: those at even places, those at odd

Of a number in half precision one byte of two is noise, and the other, with sign and exponent, is
not. Apart from each other the latter pack well and unpack quickly: the whole by XZ is as small, but
makes the app's first picture a second later. Loading never unpickles.
"""

import hashlib
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from cvae.data.npz import parse_arrays
from cvae.disk import read_at_most, write_whole
from cvae.errors import InputError

WEIGHTS = "model.safetensors"
PACKED = WEIGHTS + ".npz"
HEADER = 1 << 20  # bytes, at most, that names and shapes take beside the tensors


def weights_file(path: Path) -> Path:
    """The file with the weights of the checkpoint folder `path`; the plain one's name without any.

    The plain one where both are there, as training writes that one.
    """
    packed = path / PACKED
    return packed if packed.is_file() and not (path / WEIGHTS).is_file() else path / WEIGHTS


def has_weights(path: Path) -> bool:
    return weights_file(path).is_file()


def weights_checksum(path: Path) -> str:
    """SHA-256 of the weights' file in the checkpoint folder `path`; InputError without one."""
    file = weights_file(path)
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(
            f"{file} can't be read ({error.strerror}); restore it or train again."
        ) from error


def write_weights(path: Path, tensors: dict[str, Tensor]) -> None:
    """Write `tensors` into the folder `path`, whole or not at all."""
    write_whole(path / WEIGHTS, save(tensors, metadata={"sha256": _digest(tensors)}))


def pack_weights(path: Path) -> str:
    """Write the packed file of weights beside the plain one in the folder `path`; its SHA-256."""
    content = np.frombuffer((path / WEIGHTS).read_bytes(), np.uint8)
    packed = io.BytesIO()
    np.savez_compressed(packed, even=content[::2], odd=content[1::2])
    write_whole(path / PACKED, packed.getbuffer())
    return hashlib.sha256(packed.getbuffer()).hexdigest()


def unpacked(content: bytes, file: Path, most: int) -> bytes:
    """The plain file's content, from the `content` of the packed `file`.

    Raises ValueError if that is damaged, or unpacks to more than `most` bytes.
    """
    arrays = parse_arrays(content, file, most)
    halves = [arrays.get(name, np.empty(0)) for name in ("even", "odd")]
    even, odd = (half.size for half in halves)
    if any(half.dtype != np.uint8 or half.ndim != 1 for half in halves) or even - odd not in (0, 1):
        raise ValueError("it does not hold the bytes at even places and those at odd ones")
    plain = np.empty(even + odd, np.uint8)
    plain[::2], plain[1::2] = halves
    return plain.tobytes()


def read_weights(path: Path, expected: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors in the checkpoint folder `path`, checked against the checksum in their header.

    None is read unless all have the names, shapes and kinds of numbers of those `expected`.
    Raises InputError if they are missing, damaged, or others.
    """
    file = weights_file(path)
    if not file.is_file():
        raise InputError(f"{file} is missing; restore it or train again.")
    most = HEADER + sum(tensor.numel() * tensor.element_size() for tensor in expected.values())
    try:
        with _plain(file, most) as plain, safe_open(plain, framework="pt") as stored:
            there = {name: stored.get_slice(name) for name in stored.keys()}  # noqa: SIM118
            misfits = _misfits(there, expected)
            metadata = stored.metadata() or {}
            tensors = {} if misfits else {name: stored.get_tensor(name) for name in there}
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(f"{file} is damaged ({error}); restore it or train again.") from error
    if misfits:
        raise InputError(
            f"{file} does not fit the configuration beside it ({len(misfits)} tensors, such as "
            f"{misfits[0][:80]}): take both from the same run."
        )
    if metadata.get("sha256") != _digest(tensors):
        raise InputError(f"{file} is damaged: its checksum is wrong; restore it or train again.")
    finite = all(tensor.isfinite().all() for tensor in tensors.values())
    if not finite or not (tensors["normalisation.std"] > 0).all():
        raise InputError(f"{file} holds numbers that no model has; restore it or train again.")
    return tensors


@contextmanager
def _plain(file: Path, most: int) -> Iterator[Path]:
    """A plain file of weights: `file`, or what it unpacks to, of at most `most` bytes."""
    if file.name != PACKED:
        yield file
        return
    content = unpacked(read_at_most(most, file), file, most)
    with tempfile.NamedTemporaryFile(suffix=WEIGHTS) as stream:
        stream.write(content)
        stream.flush()
        yield Path(stream.name)


def _misfits(there: dict[str, Any], expected: dict[str, Tensor]) -> list[str]:
    """Names of tensors that are missing, too many, or of another shape or kind of numbers."""

    def fits(name: str) -> bool:
        kinds = ("F16", "F32") if expected[name].is_floating_point() else ("I64",)
        found = there[name]
        same = tuple(found.get_shape()) == tuple(expected[name].shape)
        return same and found.get_dtype() in kinds

    odd = {name for name in there.keys() & expected.keys() if not fits(name)}
    return sorted(odd | (there.keys() ^ expected.keys()))


def _digest(tensors: dict[str, Tensor]) -> str:
    digest = hashlib.sha256()
    for name in sorted(tensors):
        digest.update(name.encode())
        digest.update(tensors[name].numpy().tobytes())
    return digest.hexdigest()
