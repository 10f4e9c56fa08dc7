"""Two processes that measure in turn: one whose malloc keeps freed memory, one with the usual."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing import get_context
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

import torch

from cvae.benchmarks.training_steps import Setting, Trials
from cvae.errors import InputError
from cvae.training.allocation import keep_freed_memory
from cvae.worker import end_with_parent

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

_prepared: list[Trials] = []  # in a measuring process: the one thing it works with


class TwoProcesses:
    """Ask one process or the other; only the one that is asked computes."""

    def __init__(self, setting: Setting) -> None:
        # Spawned: a copy of this process would have its heap, and can't use a GPU.
        self._pools = {
            keeps: ProcessPoolExecutor(1, get_context("spawn"), _prepare, (setting, keeps))
            for keeps in (True, False)
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        for pool in self._pools.values():
            pool.shutdown(cancel_futures=True)

    def ask(
        self,
        keeps_memory: bool,
        task: Callable[Concatenate[Trials, Asked], Answer],
        *args: Asked.args,
        **options: Asked.kwargs,
    ) -> Answer:
        """What `task` gives in that process. Raises InputError if memory does not suffice."""
        try:
            asked: Callable[[], Answer] = partial(_do, task, *args, **options)
            return self._pools[keeps_memory].submit(asked).result()
        except (BrokenProcessPool, torch.OutOfMemoryError) as error:
            raise InputError(
                "A measuring process ended, most likely for lack of memory: lower --batch-size or "
                "--width."
            ) from error


def _prepare(setting: Setting, keeps_memory: bool) -> None:
    end_with_parent()
    if keeps_memory:
        keep_freed_memory()
    _prepared.append(Trials(setting))


def _do(
    task: Callable[Concatenate[Trials, Asked], Answer], *args: Asked.args, **options: Asked.kwargs
) -> Answer:
    return task(_prepared[0], *args, **options)
