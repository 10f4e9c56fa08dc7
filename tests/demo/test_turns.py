"""One visitor predicts at a time, in the order in which they came, and who waits is told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from demo.loading import Setup, find_models
from demo.predictions import predict
from demo.turns import Line, how_many_first, prediction_line
from tests.tiny_data import tiny_sequence

PATIENCE = 60


def test_the_first_in_the_line_works_and_the_others_follow_in_order() -> None:
    line, order = Line(), []
    joined = [threading.Event() for _ in range(4)]

    def visit(number: int) -> None:
        with line.place() as place:
            joined[number].set()
            while line.ahead(place):
                line.wait(place, PATIENCE)
            order.append(number)

    with line.place() as mine:
        visitors = []
        for number in range(4):
            visitors.append(threading.Thread(target=visit, args=(number,)))
            visitors[-1].start()
            assert joined[number].wait(PATIENCE)
        assert line.ahead(mine) == 0
        assert order == []
    for visitor in visitors:
        visitor.join(PATIENCE)
    assert order == [0, 1, 2, 3]


def test_who_fails_or_leaves_gives_up_the_place() -> None:
    line = Line()
    with pytest.raises(KeyboardInterrupt), line.place():
        raise KeyboardInterrupt  # Streamlit's own are no Exceptions either
    with line.place() as working, line.place() as waiting:
        with line.place() as impatient:
            assert line.ahead(impatient) == 2
        assert line.ahead(waiting) == 1
        assert line.wait(waiting, 0.01) == 1, "nobody has left before it"
        assert line.ahead(working) == 0


def test_the_place_is_told_in_words() -> None:
    assert how_many_first(1).startswith("One other is being imagined first")
    assert how_many_first(2).startswith("Two others are being imagined first")
    assert how_many_first(19).startswith("19 others are being imagined first")


def test_a_page_waits_for_another_visitor_unless_its_answer_is_kept(
    open_view, store, tiny_checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_view("compare", store, tiny_checkpoints).run()
    line, done, looked = prediction_line(), threading.Event(), threading.Semaphore(0)
    wait = line.wait

    def look_and_wait(place: object, seconds: float) -> int:
        looked.release()
        return wait(place, seconds)

    monkeypatch.setattr(line, "wait", look_and_wait)

    def go_on() -> None:
        page.number_input(key="seed").set_value(4).run()
        done.set()

    with line.place() as other:
        page.run()  # nothing new to predict
        assert not page.exception
        waiting = threading.Thread(target=go_on)
        waiting.start()
        for _ in range(3):  # it has looked twice, and its turn had not come
            assert looked.acquire(timeout=PATIENCE), "it predicted out of turn"
        assert not done.is_set()
        assert line.ahead(other) == 0
    waiting.join(240)  # a whole page
    assert done.is_set() and not page.exception
    assert [one.value for one in page.info] == [], "the message goes when the turn has come"
    with line.place() as nobody:
        assert line.ahead(nobody) == 0, "the page has left the line"


def test_what_another_visitor_made_meanwhile_is_taken_over(store, tiny_checkpoints) -> None:
    models = find_models(tiny_checkpoints)[0][:1]
    sequence, setup = tiny_sequence("wanted by two", 3, length=12), Setup(seed=5, samples=2)
    made = []

    @contextmanager
    def turn() -> Iterator[None]:
        made.extend(predict(models, sequence, setup))
        yield

    [prediction] = predict(models, sequence, setup, turn)
    assert prediction is made[0]
    [again] = predict(models, sequence, setup, turn)
    assert again is prediction and len(made) == 1, "kept: no turn is needed"
