"""A picture as the value of a notebook's cell, or as part of a page."""

import base64
from dataclasses import dataclass
from html import escape
from pathlib import Path

from cvae.disk import write_whole

KINDS = {b"\x89PNG": "png", b"GIF8": "gif"}


@dataclass(frozen=True, repr=False)
class Picture:
    """The bytes of a PNG or GIF file, and what they show in words (`alt`)."""

    content: bytes
    alt: str

    @property
    def kind(self) -> str:
        """ "png" or "gif"."""
        return KINDS[self.content[:4]]

    @property
    def url(self) -> str:
        """The picture in a data URL, for pages that need no other file."""
        return f"data:image/{self.kind};base64,{base64.b64encode(self.content).decode()}"

    def save(self, file: str | Path) -> None:
        """Write the file, whole or not at all; InputError when the disk refuses."""
        write_whole(Path(file), self.content)

    def __repr__(self) -> str:
        return f"{self.kind.upper()} of {self.alt}"

    def _repr_html_(self) -> str:
        return f'<img src="{self.url}" alt="{escape(self.alt)}" style="max-width: 100%">'

    def _repr_png_(self) -> bytes | None:
        return self.content if self.kind == "png" else None  # None: shown in another way
