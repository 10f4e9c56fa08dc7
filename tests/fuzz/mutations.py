"""Valid content with something done to it, as strategies of Hypothesis."""

import json
from typing import Any

from hypothesis import strategies as st

# What breaks readers: sizes beyond all bounds, other files' beginnings, numbers that are none.
TOKENS = (
    *(b"\0", b"\n", b",", b'"', b"\xff" * 8, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f"),
    *((1 << 60).to_bytes(8, "little"), b"\0" * 8, b"PK\x03\x04", b"PK\x05\x06", b"\x93NUMPY\x01\0"),
    *(b"-1", b"1e999", b"NaN", b"Infinity", b"null", b"9" * 5000, b"[" * 100_000, b'{"a":' * 9000),
    *(b"../", b"/etc/passwd", b"\\ud800", "²".encode(), b"1_0", b"(100000, 100000)", b"|O"),
)
WORDS = ("", "..", "../x", "/etc/passwd", "\ud800", "a\nb", "\x1b[2J", "²", "x" * 5000, "masks")
ODD_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 5),
    st.sampled_from([1 << 31, 1 << 62, 10**30, 10**400, -(10**18)]),
    st.floats(),
    st.sampled_from(WORDS),
    st.lists(st.integers(-1, 3), max_size=3),
    st.dictionaries(st.sampled_from(["row", "name", "min", ".."]), st.integers(), max_size=2),
)


def changed(name: str, content: bytes) -> st.SearchStrategy[bytes]:
    """`content` of the part `name` with bytes changed; in JSON also values and keys."""
    if name.endswith(".json"):
        return st.one_of(changed_json(content), changed_json(content), changed_bytes(content))
    return changed_bytes(content)


@st.composite
def changed_bytes(draw: st.DrawFn, content: bytes) -> bytes:
    """One to four times something flipped, cut off, put in, written over, taken out, repeated."""
    data = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(_places(len(data)))
        length = draw(st.integers(1, 16))
        match draw(st.sampled_from(("flip", "token", "over", "cut", "take", "repeat", "random"))):
            case "flip" if place < len(data):
                data[place] ^= draw(st.integers(1, 255))
            case "token":
                data[place:place] = draw(st.sampled_from(TOKENS))
            case "over":
                token = draw(st.sampled_from(TOKENS))
                data[place : place + len(token)] = token
            case "cut":
                del data[place:]
            case "take":
                del data[place : place + length]
            case "repeat":
                data[place:place] = data[place : place + length] * draw(st.integers(1, 50))
            case _:
                data[place : place + length] = draw(st.binary(max_size=16))
    return bytes(data)


@st.composite
def changed_json(draw: st.DrawFn, content: bytes) -> bytes:
    """One to three values replaced or taken out, or keys added, anywhere."""
    whole = json.loads(content)
    for _ in range(draw(st.integers(1, 3))):
        holders = [holder for holder in _holders(whole) if len(holder)]
        if not holders:
            break
        holder = draw(st.sampled_from(holders))
        keys = sorted(holder) if isinstance(holder, dict) else range(len(holder))
        key = draw(st.sampled_from(keys))
        match draw(st.sampled_from(("replace", "replace", "take", "add"))):
            case "replace":
                holder[key] = draw(ODD_VALUES)
            case "take":
                del holder[key]
            case "add" if isinstance(holder, dict):
                holder[draw(st.sampled_from(WORDS))] = holder[key]
            case _:
                holder.append(draw(ODD_VALUES)) if isinstance(holder, list) else None
    return json.dumps(whole).encode()


def _holders(value: Any) -> list[dict | list]:
    """All objects and lists in a JSON value, itself included."""
    if not isinstance(value, dict | list):
        return []
    inside = value.values() if isinstance(value, dict) else value
    return [value] + [holder for one in inside for holder in _holders(one)]


def _places(length: int) -> st.SearchStrategy[int]:
    """Headers stand at the beginning, lists of archives at the end."""
    return st.one_of(
        st.integers(0, length),
        st.integers(0, min(length, 80)),
        st.integers(max(0, length - 200), length),
    )
