"""One visitor who goes from page to page, without a browser."""

from streamlit.testing.v1 import AppTest


def go(page: AppTest, view: str, **query: str | list[str]) -> AppTest:
    """The same visitor at another page, whose address ends in `query`."""
    page.switch_page(f"views/{view}.py")
    page.query_params.clear()
    page.query_params.update(query)
    page.run()
    assert not page.exception, page.exception
    return page
