"""What the Training page shows, as its tests look at it."""

import base64
import json

import numpy as np
from streamlit.testing.v1 import AppTest


def charts(page: AppTest) -> dict[str, dict]:
    """The figures that the page shows, by the quantity that is drawn."""
    return {
        chart.proto.id.split("curve_")[1]: json.loads(chart.proto.spec)
        for chart in page.get("plotly_chart")
    }


def names(figure: dict) -> list[str]:
    return [line["name"] for line in figure["data"]]


def points(line: dict) -> int:
    """Plotly sends numbers as base64."""
    return len(np.frombuffer(base64.b64decode(line["x"]["bdata"]), line["x"]["dtype"]))


def html(page: AppTest) -> str:
    return " ".join(element.proto.body for element in page.get("html"))
