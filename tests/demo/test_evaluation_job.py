"""Evaluations that visitors ask for: one at a time, stopped when they say so."""

import threading
from pathlib import Path

from demo import evaluation_job
from demo.evaluation_job import Desk, EvaluationJob, EvaluationQueue, Wanted
from demo.loading import Data, find_data, find_models


def test_a_second_evaluation_waits_for_the_first():
    class Gated:
        active = True

        def __init__(self) -> None:
            self.begun, self.end = threading.Event(), threading.Event()

        def run(self) -> None:
            self.begun.set()
            assert self.end.wait(60)

    queue, first, second = EvaluationQueue(), Gated(), Gated()
    queue.submit(first)
    queue.submit(second)
    assert first.begun.wait(60)
    assert (queue.ahead(first), queue.ahead(second)) == (0, 1)
    assert not second.begun.is_set()
    first.end.set()
    assert second.begun.wait(60)
    assert queue.ahead(second) == 0
    second.end.set()


def test_an_evaluation_that_is_stopped_while_it_waits_never_begins(tmp_path: Path) -> None:
    begun, end = threading.Event(), threading.Event()

    class Slow(EvaluationJob):
        def _measure(self):
            begun.set()
            assert end.wait(60)
            return "finished"

    nowhere = Wanted((), Data(tmp_path / "nowhere", (None,)), "given-states", 1, 1)
    queue, first, last = EvaluationQueue(), Slow(nowhere), Slow(nowhere)
    waiting = EvaluationJob(nowhere)
    for job in (first, waiting, last):
        queue.submit(job)
    assert begun.wait(60)
    assert queue.ahead(last) == 2
    waiting.stop()
    assert (waiting.state, queue.ahead(last)) == ("stopped", 1)
    end.set()
    queue._thread.join(60)
    assert [job.state for job in (first, waiting, last)] == ["finished", "stopped", "finished"]
    assert not waiting.problem


def test_who_has_lost_the_connection_is_waited_for_and_who_has_gone_is_not(monkeypatch, tmp_path):
    looks = iter([True, True, False])

    class Visits:
        def is_active_session(self, visit: str) -> bool:
            assert visit == "a visit"
            return next(looks)

    monkeypatch.setattr(evaluation_job, "get_instance", Visits)
    monkeypatch.setattr(evaluation_job, "KEPT", 0)
    mine = Desk("a visit")
    mine.job = EvaluationJob(Wanted((), Data(tmp_path / "nowhere", (None,)), "given-states", 1, 1))
    mine.leave()
    assert mine.job._stop.wait(60)
    assert next(looks, "all were taken") == "all were taken"


def test_a_stop_while_models_are_loaded_loads_no_more(monkeypatch, store, tiny_checkpoints) -> None:
    models = [model for model in find_models(tiny_checkpoints)[0] if model.predicts][:2]
    job = EvaluationJob(Wanted(tuple(models), find_data(store), "given-states", 1, 1))
    loaded = []

    def load(model, device):
        loaded.append(model)
        job.stop()

    monkeypatch.setattr(evaluation_job, "load_predictor", load)
    job.run()
    assert (job.state, len(loaded)) == ("stopped", 1)


def test_of_an_error_that_was_not_foreseen_visitors_see_the_kind_only(store: Path) -> None:
    job = EvaluationJob(Wanted((), Data(store, 0), "words of the server", 1, 1))
    job.run()
    assert job.state == "failed"
    assert job.problem == "KeyError; the server's log says more."
