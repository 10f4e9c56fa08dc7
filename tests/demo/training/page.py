"""What the Training page shows, as its tests look at it."""

import base64
import json
from collections.abc import Callable

import numpy as np
from streamlit.testing.v1 import AppTest

OpenPage = Callable[..., AppTest]


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


def said(page: AppTest) -> str:
    kinds = (page.markdown, page.error, page.warning, page.info, page.caption)
    return " ".join(text.value.replace("\\", "") for kind in kinds for text in kind)


def html(page: AppTest) -> str:
    return " ".join(element.proto.body for element in page.get("html"))
