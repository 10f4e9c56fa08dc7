"""What is said while a visitor waits, in a real browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.demo.server import APP, running_app

pytestmark = pytest.mark.browser

# In the app most waits are too short to be told. This one ends when it was seen.
WAITS = f"""
import time
from pathlib import Path
import streamlit as st

st.html(Path({str(APP.parent / "page.css")!r}))
again = st.button("Again")
with st.container():
    with st.spinner("Imagining …"):
        while again and not Path("seen").exists():
            time.sleep(0.05)
    st.button("What it replaces")
"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    script = tmp_path / "waits.py"
    script.write_text(WAITS)
    shutil.copytree(APP.parent / ".streamlit", tmp_path / ".streamlit")
    with running_app([], tmp_path, script) as app:
        yield app.address


def test_what_is_waited_for_moves_nothing(visit_page, address: str, tmp_path: Path) -> None:
    with visit_page("") as seen:
        below = seen.page.get_by_role("button", name="What it replaces")
        before = below.evaluate(
            """(below) => {
                window.tops = new Set();
                const top = () => below.getBoundingClientRect().top;
                const look = () => {
                    if (document.querySelector(".stSpinner")) tops.add(top());
                    requestAnimationFrame(look);
                };
                look();
                return top();
            }"""
        )
        seen.page.get_by_role("button", name="Again").click()
        expect(seen.page.get_by_text("Imagining …")).to_be_visible()
        (tmp_path / "seen").touch()
        expect(seen.page.get_by_text("Imagining …")).to_have_count(0)
        assert seen.page.evaluate("[...tops]") == [before]
