"""What the documentation tells its readers to type, and where its links lead."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    page
    for folder in (PROJECT, PROJECT / "docs", PROJECT / "checkpoints")
    for page in [*folder.glob("*.md"), *folder.glob("*/README.md")]
)
# Of the commands that are looked at; a setting such as PORT=8502 may stand before.
BEGINNING = re.compile(r"([A-Z_]+=\S+ )*(python -m cvae|make|streamlit run|torchrun .*-m cvae)\b")
INLINE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"(?:\]\(|(?:src|href)=\")([^)\"\s]+)")
PLACEHOLDER = re.compile(r"<[^<>]*>")


@dataclass(frozen=True)
class Command:
    """A command of a fenced block, a table or a sentence.

    text: as it stands there, in one line. words: as a shell parts them, without the settings
    before it and the remark behind it; what stands in <angle brackets> is one word.
    """

    page: Path
    line: int
    text: str
    fenced: bool

    @property
    def words(self) -> list[str]:
        words = shlex.split(PLACEHOLDER.sub("PLACEHOLDER", self.text), comments=True)
        while re.match("[A-Z_]+=", words[0]):
            words = words[1:]
        return words

    def __str__(self) -> str:
        return f"{self.page.relative_to(PROJECT)}:{self.line}"


def commands(page: Path) -> list[Command]:
    """All commands on `page`, in its order."""
    found = []
    for line, text, fenced in _lines(page):
        for candidate in [text] if fenced else INLINE.findall(text):
            candidate = PLACEHOLDER.sub("PLACEHOLDER", candidate)
            if BEGINNING.match(candidate):
                found.append(Command(page, line, candidate, fenced))
    return found


def links(page: Path) -> list[str]:
    """Where the links and pictures of `page` lead: what lies beside it, no web addresses."""
    found = []
    for _, text, fenced in _lines(page):
        if not fenced:
            found += LINK.findall(INLINE.sub("", text))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def anchors(page: Path) -> set[str]:
    """What a link to `page` may name behind a #: its headings, as GitHub writes them."""
    headings = [
        text.lstrip("# ") for _, text, fenced in _lines(page) if text.startswith("#") and not fenced
    ]
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _lines(page: Path) -> Iterator[tuple[int, str, bool]]:
    """Number, text, and whether it stands in a fenced block; there a \\ joins lines."""
    fenced, begun = False, ""
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced and line.endswith("\\"):
            begun += line.removesuffix("\\").strip() + " "
        else:
            yield number, begun + (line.strip() if fenced else line), fenced
            begun = ""
