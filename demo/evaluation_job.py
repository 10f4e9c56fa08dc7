"""Measuring models on some of the app's sequences, beside the page and for one visitor.

One evaluation at a time for the whole server, in a thread of its own: other visitors' pages go
on answering, and a second evaluation waits for its turn.
"""

import atexit
import logging
import threading
import time
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import pandas as pd
import streamlit as st
from streamlit.runtime import get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from cvae.errors import InputError
from demo.loading import Data, Model, devices, load_predictor, open_sequences
from demo.scores import ScoresByModel, sequence_scores

if TYPE_CHECKING:
    from cvae.evaluation.scores import Curve

AT_ONCE = 8  # samples between two looks at whether to stop
LONGEST_CHUNK = 30  # seconds that the server's end waits for one
KEPT = 120  # seconds that Streamlit keeps the visit of who has lost the connection

State = Literal["waiting", "running", "finished", "stopped", "failed"]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wanted:
    """`models` on the first `count` sequences of `data`, `samples` futures of each."""

    models: tuple[Model, ...]
    data: Data
    protocol: str
    count: int
    samples: int


class EvaluationJob:
    """One evaluation; all of its models are measured on the same sequences.

    done: sequences that all models were measured on; what was measured before a stop or a failure
    stays. problem: why it failed, for people.
    """

    def __init__(self, wanted: Wanted) -> None:
        self.wanted = wanted
        self.done = 0
        self.problem = ""
        self._state: State = "waiting"
        self._begun = 0.0
        self._parts: dict[str, list[pd.DataFrame]] = {model.name: [] for model in wanted.models}
        self._stop = threading.Event()

    @property
    def state(self) -> State:
        """Who stops one that waits need not wait for it."""
        return "stopped" if self._state == "waiting" and self._stop.is_set() else self._state

    @property
    def active(self) -> bool:
        return self.state in ("waiting", "running")

    @property
    def stopping(self) -> bool:
        return self.active and self._stop.is_set()

    @cached_property
    def scores(self) -> ScoresByModel:
        """Of the sequences that are done; to be asked for when it is over, as it is kept."""
        return {name: sequence_scores(pd.concat(parts)) for name, parts in self._found()}

    @cached_property
    def steps(self) -> "dict[str, dict[str, dict[str, Curve]]]":
        """By the model's name, what `per_step` makes of the same; as `scores`."""
        from cvae.evaluation.summary import per_step

        return {name: per_step(pd.concat(parts)) for name, parts in self._found()}

    @property
    def seconds_left(self) -> float | None:
        """At the pace so far; None as long as there is none."""
        if not self.done or self.state != "running":
            return None
        return (time.monotonic() - self._begun) / self.done * (self.wanted.count - self.done)

    def _found(self) -> list[tuple[str, list[pd.DataFrame]]]:
        return list(self._parts.items()) if self.done else []

    def stop(self) -> None:
        """Ends it after the sequences in hand."""
        self._stop.set()

    def run(self) -> None:
        """Measure until the end, a stop, or a failure; `state` says which."""
        if self._stop.is_set():  # while it waited: it is over, and stays so
            self._state = "stopped"
            return
        self._state, self._begun = "running", time.monotonic()
        try:
            self._state = self._measure()
        except InputError as error:
            self.problem, self._state = str(error), "failed"
        except Exception as error:  # its words may tell of the server: not for visitors
            log.exception("An evaluation started from the page failed")
            self.problem = f"{type(error).__name__}; the server's log says more."
            self._state = "failed"

    def _measure(self) -> State:
        from cvae.evaluation.protocol import PROTOCOLS
        from cvae.evaluation.run import check_request, measure_chunk

        wanted, protocol = self.wanted, PROTOCOLS[self.wanted.protocol]
        sequences = open_sequences(wanted.data)
        check_request(sequences, protocol, samples=wanted.samples, limit=wanted.count)
        predictors = {}
        for model in wanted.models:
            if self._stop.is_set():
                return "stopped"
            predictors[model.name] = load_predictor(model, devices()[0])
        size = max(1, AT_ONCE // wanted.samples)
        for start in range(0, wanted.count, size):
            numbers = range(start, min(start + size, wanted.count))
            parts = []
            for predictor in predictors.values():
                if self._stop.is_set():
                    return "stopped"
                parts.append(measure_chunk(predictor, sequences, protocol, numbers, wanted.samples))
            for name, part in zip(predictors, parts, strict=True):
                self._parts[name].append(part)
            self.done = numbers.stop
        return "finished"


class EvaluationQueue:
    """Evaluations one after another, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._jobs: list[EvaluationJob] = []  # the one that runs is the first
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def submit(self, job: EvaluationJob) -> None:
        with self._lock:
            self._jobs.append(job)
            if len(self._jobs) == 1:
                # A daemon: else the server would not end before it.
                self._thread = threading.Thread(target=self._work, name="evaluation", daemon=True)
                self._thread.start()

    def ahead(self, job: EvaluationJob) -> int:
        """How many have to end before `job` begins."""
        with self._lock:
            before = self._jobs[: self._jobs.index(job)] if job in self._jobs else []
            return sum(other.active for other in before)

    def close(self) -> None:
        """Stop them all: a thread that is in PyTorch when the server ends makes it crash."""
        with self._lock:
            for job in self._jobs:
                job.stop()
            thread = self._thread
        if thread is not None:
            thread.join(LONGEST_CHUNK)

    def _work(self) -> None:
        job: EvaluationJob | None = self._jobs[0]
        while job is not None:
            job.run()
            with self._lock:
                self._jobs.pop(0)
                job = self._jobs[0] if self._jobs else None


@st.cache_resource(show_spinner=False)
def evaluation_queue() -> EvaluationQueue:
    """The one of this server."""
    queue = EvaluationQueue()
    atexit.register(queue.close)
    return queue


class Desk:
    """Where one visitor's evaluation is: the running one, or the last.

    visit: Streamlit's name of the visit. seen: whether the page has shown what it measured.
    """

    def __init__(self, visit: str) -> None:
        self.visit = visit
        self.job: EvaluationJob | None = None
        self.seen = False

    @property
    def active(self) -> bool:
        return self.job is not None and self.job.active

    def start(self, wanted: Wanted) -> None:
        """Begin an evaluation in place of the last; nothing while one is active."""
        if not self.active:
            self.job, self.seen = EvaluationJob(wanted), False
            evaluation_queue().submit(self.job)

    def leave(self) -> None:
        """Stop what nobody waits for any more: who comes back in time, to any page, still does."""
        waiting = threading.Timer(KEPT, self._look)
        waiting.daemon = True
        waiting.start()

    def _look(self) -> None:
        if self.job is None or not self.job.active:
            return
        if get_instance().is_active_session(self.visit):
            self.leave()
        else:
            self.job.stop()


def desk() -> Desk:
    """This visitor's; it stops its evaluation when the visitor has gone."""
    if "evaluation_desk" not in st.session_state:
        context = get_script_run_ctx()
        assert context is not None, "asked for by a page only"
        st.session_state["evaluation_desk"] = Desk(context.session_id)
    return _attended(st.session_state["evaluation_desk"])


@st.cache_resource(scope="session", on_release=Desk.leave, show_spinner=False)
def _attended(_mine: Desk) -> Desk:
    """Streamlit releases it as soon as the connection is lost, also for a moment."""
    return _mine
