"""The app's pages: each file of demo/views is one."""

import sys
from pathlib import Path

from streamlit.testing.v1 import AppTest

DEMO = Path(__file__).parents[2] / "demo"


def test_every_view_is_a_page_of_the_app(monkeypatch, store, tiny_checkpoints):
    words = ["app.py", "--data", str(store), "--runs", str(tiny_checkpoints)]
    monkeypatch.setattr(sys, "argv", words)
    views, titles = sorted((DEMO / "views").glob("*.py")), set()
    for view in views:
        page = AppTest.from_file(str(DEMO / "app.py"), default_timeout=240)
        page.switch_page(f"views/{view.name}").run()
        assert not page.exception, page.exception
        titles.add(page.title[0].value)
    assert len(titles) == len(views), "what is no page shows the first one"
