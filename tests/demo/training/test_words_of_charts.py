"""What a chart says to those who can't see it."""

from demo.appearance import Look
from demo.curves import View, describe_quantity
from tests.demo.training.written import history


def test_the_words_are_of_the_epochs_that_are_drawn():
    look = Look("Mine", "#0072B2", "solid", "")
    said = describe_quantity("loss", [(look, history())], View(epochs=(4, 5)))
    assert said == "Loss over epochs. Mine: 0.5 in epoch 4, 0.4 in epoch 5."
