"""What a link may ask of the player; link.js obeys it, and keeps it as the player is set."""

from cvae.data.sequence import FRAME_SIZE
from demo.links import Asked, among, whole_number

PANES = ["error", "flicker", "wipe", "mean", "spread"]
SPEEDS = [1, 2, 4, 8, 15]  # frames per second
SWITCHED = ["true", "false"]


def asked_of_player(models: list[str]) -> list[Asked]:
    """models: names of those that can be chosen."""
    return [
        among("pane", PANES, "last pane", PANES[0]),
        among("pane_model", models, "model", "the first"),
        whole_number("wipe", 0, FRAME_SIZE, FRAME_SIZE // 2),
        among("fps", SPEEDS, "speed", "4"),
        among("loop", SWITCHED, "choice", "true"),
        among("actions", SWITCHED, "choice", "false"),
    ]
