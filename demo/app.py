"""The app's entry: `streamlit run demo/app.py [-- --data STORE --runs DIR]`."""

import os
import sys
from pathlib import Path

import streamlit as st

DEMO = Path(__file__).resolve().parent
# Streamlit puts the script's own folder on the path; `cvae` and `demo` lie one above.
if str(DEMO.parent) not in sys.path:
    sys.path.insert(0, str(DEMO.parent))

# PyTorch reads this when it is imported: its threads then sleep while they wait for each other.
# Where other work shares the cores, those that spin instead keep each other from going on.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
st.set_page_config(page_title="Robot pushing, imagined", page_icon="🦾", layout="wide")
st.html(DEMO / "page.css")
compare = st.Page(DEMO / "views" / "compare.py", title="Compare", icon=":material/compare:")
test_set = st.Page(DEMO / "views" / "test_set.py", title="Test set", icon=":material/scatter_plot:")
training = st.Page(DEMO / "views" / "training.py", title="Training", icon=":material/show_chart:")
how = st.Page(DEMO / "views" / "how_it_works.py", title="How it works", icon=":material/school:")
own_data = st.Page(DEMO / "views" / "own_data.py", title="Own data", icon=":material/upload_file:")
pages = [compare, test_set, training, how, own_data]
st.navigation(pages, position="top").run()
