"""What was computed for one visitor, kept for all of them."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """What was asked for last, at most `most` of it, by all that it depends on; not to be changed.

    Streamlit's cache would make whoever asks for what is just being computed wait without a word.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Value | None:
        with self._lock:
            found = self._values.get(key)
            if found is not None:
                self._values.move_to_end(key)
            return found

    def put(self, key: Hashable, value: Value) -> None:
        with self._lock:
            self._values[key] = value
            if len(self._values) > self._most:
                self._values.popitem(last=False)

    def get_or_compute(
        self,
        key: Hashable,
        compute: Callable[[], Value],
        in_turn: Callable[[], AbstractContextManager[None]],
    ) -> Value:
        """What is kept by `key`, at once; else what `compute` returns, inside `in_turn`."""
        found = self.get(key)
        if found is not None:
            return found
        with in_turn():
            found = self.get(key)  # meanwhile another visitor may have computed the same
            if found is None:
                found = compute()
                self.put(key, found)
        return found
