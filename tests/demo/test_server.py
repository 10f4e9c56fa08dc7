"""The app's server: whom it answers."""

import socket

import psutil

from tests.demo.server import App


def test_it_listens_on_localhost_only(app: App) -> None:
    connections = psutil.Process(app.process.pid).net_connections("tcp")
    listening = {one.laddr.ip for one in connections if one.status == psutil.CONN_LISTEN}
    local = {found[4][0] for found in socket.getaddrinfo("localhost", None)}
    assert listening and listening <= local, "whoever is on the same network could come in"
