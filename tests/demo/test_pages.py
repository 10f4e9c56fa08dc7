"""The app's pages: each file of demo/views is one."""

from pathlib import Path

DEMO = Path(__file__).parents[2] / "demo"


def test_every_view_is_a_page_of_the_app(open_view, store, tiny_checkpoints):
    views = sorted((DEMO / "views").glob("*.py"))
    titles = {open_view(view.stem, store, tiny_checkpoints).title[0].value for view in views}
    assert len(titles) == len(views), "what is no page shows the first one"
