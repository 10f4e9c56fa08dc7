import socket
from pathlib import Path

import numpy as np
import pytest

from cvae.data.download import BLOCK, Patience, Remote, arrived, fetch, look_up
from cvae.errors import InputError
from tests.data.file_server import FileServer

CONTENT = np.random.default_rng(1).bytes(3_000_000)
OTHER_CONTENT = np.random.default_rng(2).bytes(2_500_000)
PATIENCE = Patience(retries=2, pause=0.01)
CUT = 6 * BLOCK  # bytes after which a connection breaks off


def get(url: str, file: Path, patience: Patience = PATIENCE) -> None:
    fetch(look_up(url, patience), file, patience)


def refusal(url: str, file: Path, patience: Patience = PATIENCE) -> str:
    with pytest.raises(InputError) as refused:
        get(url, file, patience)
    assert not file.exists()
    sentence = str(refused.value)
    assert "\n" not in sentence
    return sentence


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "archive.tar"


def test_fetches_a_file(file: Path) -> None:
    with FileServer(CONTENT) as server:
        assert look_up(server.url, PATIENCE) == Remote(server.url, len(CONTENT), '"first"')
        get(server.url, file)
    assert file.read_bytes() == CONTENT
    assert arrived(file) == len(CONTENT)
    assert not file.with_name("archive.tar.part").exists()


def test_goes_on_by_itself_where_the_connection_broke_off(file: Path) -> None:
    with FileServer(CONTENT, cut_after=CUT) as server:
        get(server.url, file, Patience(retries=1, pause=0.01))
    # Eight connections with one retry: what brings new bytes is no failure.
    ranges = [f"bytes={start}-" for start in range(CUT, len(CONTENT), CUT)]
    assert server.asked == [None, None, *ranges]
    assert file.read_bytes() == CONTENT


def test_goes_on_in_a_later_call(file: Path) -> None:
    with FileServer(CONTENT, cut_after=CUT) as server:
        remote = look_up(server.url, PATIENCE)
        server.statuses = [200, 503, 503]
        with pytest.raises(InputError, match="503 Service Unavailable"):
            fetch(remote, file, Patience(retries=1, pause=0.01))
        assert arrived(file) == CUT
        server.cut_after = None
        get(server.url, file)
    assert server.asked[-1] == f"bytes={CUT}-"
    assert file.read_bytes() == CONTENT


def test_begins_anew_where_the_server_can_not_continue(file: Path) -> None:
    with FileServer(CONTENT, ranges=False, cut_after=CUT) as server:
        sentence = refusal(server.url, file)
        assert "the connection broke off" in sentence and "goes on where it was" in sentence
        server.cut_after = None
        get(server.url, file)
    assert file.read_bytes() == CONTENT


def test_a_file_that_cant_be_told_from_another_is_not_continued(file: Path) -> None:
    with FileServer(CONTENT, etag=None, cut_after=CUT) as server:
        refusal(server.url, file)
        server.cut_after = None
        get(server.url, file)
    assert set(server.asked) == {None}
    assert file.read_bytes() == CONTENT


def test_a_file_that_changed_between_two_calls_is_begun_anew(file: Path) -> None:
    with FileServer(CONTENT, ranges=False, cut_after=CUT) as server:
        refusal(server.url, file)
        server.content, server.etag, server.cut_after = OTHER_CONTENT, '"second"', None
        server.ranges = True
        get(server.url, file)
    assert file.read_bytes() == OTHER_CONTENT


def test_a_file_that_changes_on_the_way_is_refused_then_begun_anew(file: Path) -> None:
    with FileServer(CONTENT, cut_after=CUT) as server:
        remote = look_up(server.url, PATIENCE)
        server.content, server.etag, server.cut_after = OTHER_CONTENT, '"second"', None
        with pytest.raises(InputError, match="changed while it was fetched"):
            fetch(remote, file, PATIENCE)
        get(server.url, file)
    assert file.read_bytes() == OTHER_CONTENT


def test_more_than_was_announced_is_refused(file: Path) -> None:
    with FileServer(CONTENT, cut_after=CUT) as server:
        remote = look_up(server.url, PATIENCE)
        server.surplus = 7
        with pytest.raises(InputError, match="more than the 3000000 bytes it announced"):
            fetch(remote, file, PATIENCE)
    assert arrived(file) == 0
    assert not file.exists()


def test_waits_for_a_server_that_is_busy_but_not_for_a_missing_file(file: Path) -> None:
    with FileServer(CONTENT, statuses=[503, 429]) as server:
        get(server.url, file)
        assert file.read_bytes() == CONTENT
        file.unlink()
        server.asked.clear()
        server.statuses = [404, 404, 404]
        assert "404 Not Found" in refusal(server.url, file)
        assert len(server.asked) == 1


def test_a_connection_that_falls_silent_counts_as_broken_off(file: Path) -> None:
    with FileServer(CONTENT, hold_after=CUT) as server:
        remote = look_up(server.url, PATIENCE)
        with pytest.raises(InputError, match="broke off"):
            fetch(remote, file, Patience(retries=0, pause=0.01, timeout=5))
        assert arrived(file) == CUT
    assert not file.exists()


def test_an_unknown_size_is_refused(file: Path) -> None:
    with FileServer(CONTENT, says_size=False) as server:
        assert "does not say how large it is" in refusal(server.url, file)


def test_no_server(file: Path) -> None:
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/bair.tar"
        assert "no connection" in refusal(url, file)


@pytest.mark.parametrize("url", ["bair.tar", "ftp://127.0.0.1/bair.tar", "http://", "file:///x"])
def test_what_is_no_address(url: str, file: Path) -> None:
    assert "no address of a file" in refusal(url, file)


def test_a_damaged_record_is_told(file: Path) -> None:
    file.with_name("archive.tar.json").write_text("{")
    with FileServer(CONTENT) as server:
        assert "archive.tar.json is damaged" in refusal(server.url, file)
