"""The app's server: whom it answers, and what it tells them where a page fails."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import expect

from tests.demo.server import APP, App, running_app
from tests.demo.visit import Visit

FAILS = """import streamlit as st

st.title("A page")
with open("secret.txt") as file:
    st.write(file.read())
"""


def test_it_listens_on_localhost_only(app: App) -> None:
    connections = psutil.Process(app.process.pid).net_connections("tcp")
    listening = {one.laddr.ip for one in connections if one.status == psutil.CONN_LISTEN}
    local = {found[4][0] for found in socket.getaddrinfo("localhost", None)}
    assert listening and listening <= local, "whoever is on the same network could come in"


def test_started_by_python_alone_it_says_what_starts_it(tmp_path: Path) -> None:
    command = [sys.executable, str(APP)]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    told = f"The app is started by Streamlit: streamlit run {os.path.relpath(APP, tmp_path)}\n"
    assert (ended.returncode, ended.stderr) == (1, told)


@pytest.mark.browser
def test_of_an_error_that_was_not_foreseen_visitors_see_the_kind_alone(
    context_of, tmp_path: Path
) -> None:
    shutil.copytree(APP.parent / ".streamlit", tmp_path / ".streamlit")
    script = tmp_path / "fails.py"
    script.write_text(FAILS)
    with running_app([], tmp_path, script) as app, Visit(context_of(), app.address) as seen:
        told = seen.page.get_by_test_id("stException")
        expect(told).to_contain_text("FileNotFoundError")
        for secret in ("secret.txt", "fails.py", str(tmp_path)):
            assert secret in app.log.read_text(), "who runs the app reads it there"
            assert secret not in seen.page.content()
