"""What a benchmark's Markdown tables say."""

import re

MEASURED = r"[\d,]+ \([\d,]+ to [\d,]+\)"


def cells(report: str, row: str) -> list[str]:
    """What stands in the row of that name."""
    [line] = [line for line in report.splitlines() if line.startswith(f"| {row} |")]
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


def number(text: str) -> float:
    """The one that `text` begins with."""
    return float(re.match(r"[\d,.]+", text)[0].replace(",", ""))
