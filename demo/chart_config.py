"""What one can do with a chart: take it along as a picture, and nothing by accident."""

import re
from typing import Any


def chart_config(name: str) -> dict[str, Any]:
    """Plotly's configuration of every chart here; its picture is called NAME.svg.

    name: what it shows, see `file_name`.
    """
    return {
        "displayModeBar": "hover",
        "modeBarButtons": [["toImage"]],
        "displaylogo": False,
        "toImageButtonOptions": {
            "format": "svg",
            "filename": file_name(name),
        },
    }


def file_name(name: str) -> str:
    """`name` as a disk takes it: what is not good for a file's name becomes a hyphen."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")
