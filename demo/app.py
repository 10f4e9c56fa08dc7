"""The app's entry: `streamlit run demo/app.py [-- --data STORE --runs DIR]`."""

import os
import sys
from pathlib import Path

import streamlit as st

DEMO = Path(__file__).resolve().parent
if not st.runtime.exists():
    sys.exit(f"The app is started by Streamlit: streamlit run {os.path.relpath(__file__)}")
# Streamlit puts the script's own folder on the path; `cvae` and `demo` lie one above.
if str(DEMO.parent) not in sys.path:
    sys.path.insert(0, str(DEMO.parent))

# PyTorch reads this when it is imported: its threads then sleep while they wait for each other.
# Where other work shares the cores, those that spin instead keep each other from going on.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# Before the pages: without an icon a browser would fetch theirs, from a server of Google's.
st.set_page_config(page_icon="🦾", layout="wide")
st.html(DEMO / "page.css")
PAGES = (  # of views/, from left to right
    ("compare", "Compare", ":material/compare:"),
    ("steer", "Steer", ":material/sports_esports:"),
    ("test_set", "Test set", ":material/scatter_plot:"),
    ("training", "Training", ":material/show_chart:"),
    ("how_it_works", "How it works", ":material/school:"),
    ("own_data", "Own data", ":material/upload_file:"),
)
pages = [
    st.Page(DEMO / "views" / f"{name}.py", title=title, icon=icon) for name, title, icon in PAGES
]
page = st.navigation(pages, position="top")
st.set_page_config(page_title=f"{page.title} · Robot pushing")  # by which tabs are told apart
from demo.state import enter_page  # noqa: E402 - needs the path above

enter_page(page.url_path)
page.run()
