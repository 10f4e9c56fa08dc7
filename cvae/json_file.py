"""JSON that others may have written: bounded, finite, and of the types that are expected."""

import json
import math
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from cvae.disk import read_at_most

MOST_BYTES = 1 << 25  # the manifest of all of BAIR takes some 2 MB; parsed it takes tenfold
LARGEST_INTEGER = 1 << 63
WORDS = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}


def read_json(file: Path) -> Any:
    """What `file` holds.

    Raises OSError if it can't be read, ValueError for more than MOST_BYTES and as `parse_json`.
    """
    return parse_json(read_at_most(MOST_BYTES, file))


def parse_json(content: bytes) -> Any:
    """What `content` holds.

    Raises ValueError if it is no JSON in UTF-8, is nested too deeply, or has NaN, infinities,
    numbers beyond those of 64 bits or halves of characters.
    """
    try:
        value = json.loads(
            content.decode("utf-8"),
            parse_constant=_refuse,
            parse_float=_finite,
            parse_int=_sized,
        )
        # "\ud800" is half a character: nothing can show it, print it or send it on.
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeError as error:
        raise ValueError("it is no text in UTF-8") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return value


def fitted(kind: Any, value: Any, place: str) -> Any:
    """`value`, as `parse_json` gives it, as a `kind`.

    kind: a dataclass, whose fields all have to be there and no others; list[X], Sequence[X],
    dict[str, X], X | None, Literal, Any, dict, or one of WORDS. A float may be written as a whole
    number.
    place: where the value stands, for people.
    Raises ValueError that names the place where something else stands.
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if is_dataclass(kind):
        return _fitted_dataclass(kind, value, place)
    if origin in (Union, UnionType):
        [wanted] = [argument for argument in arguments if argument is not NoneType]
        return None if value is None else fitted(wanted, value, place)
    if origin is Literal:
        if type(value) is str and value in arguments:
            return value
        raise ValueError(f"{place} is {_echo(value)}, not {' or '.join(map(repr, arguments))}")
    if origin in (list, Sequence) and isinstance(value, list):
        [wanted] = arguments
        return [fitted(wanted, one, f"{place}[{i}]") for i, one in enumerate(value)]
    if (origin or kind) is dict and isinstance(value, dict):
        wanted = arguments[1] if arguments else Any
        return {name: fitted(wanted, one, f"{place}.{name[:40]}") for name, one in value.items()}
    if type(value) is kind or (kind is float and type(value) is int):
        return value
    raise ValueError(f"{place} is {_echo(value)}, not {WORDS.get(kind, (origin or kind).__name__)}")


def _fitted_dataclass(kind: Any, value: Any, place: str) -> Any:
    wanted = {field.name for field in fields(kind)}
    if not isinstance(value, dict):
        raise ValueError(f"{place} is {_echo(value)}, not an object")
    if odd := sorted(wanted ^ set(value)):
        raise ValueError(f"{place} lacks or should not have {', '.join(odd)[:200]}")
    hints = _hints(kind)
    return kind(**{name: fitted(hints[name], value[name], f"{place}.{name}") for name in value})


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _echo(value: Any) -> str:
    text = repr(value) if isinstance(value, str | int | float | bool | None) else "something nested"
    return text if len(text) <= 40 else text[:40] + "…"


def _refuse(constant: str) -> float:
    raise ValueError(f"it has {constant} where a finite number belongs")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"it has {digits[:20]} where a finite number belongs")
    return number


def _sized(digits: str) -> int:
    number = int(digits)
    if abs(number) >= LARGEST_INTEGER:
        raise ValueError(f"it has {digits[:20]}…, a number beyond those of 64 bits")
    return number
