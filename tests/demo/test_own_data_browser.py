"""Own data and exports in a real browser: a good upload, a bad one, a file that is taken away."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from cvae.data.npz import npz_bytes
from demo.uploads import MOST_MEGABYTES
from tests.demo.visit import PATIENCE, Visit
from tests.moving_picture import panes
from tests.tiny_data import tiny_sequence

TOO_MUCH = bytes((MOST_MEGABYTES << 20) + 1)
SEQUENCE = replace(tiny_sequence("mine", 3, labelled=False, length=14), positions=None)

pytestmark = pytest.mark.browser


def go_to_own_data(seen: Visit) -> None:
    seen.page.get_by_role("link", name="Own data").first.click()
    expect(seen.page.get_by_text("Show the example")).to_be_visible()


def upload(seen: Visit, file: str, content: bytes) -> None:
    chosen = {"name": file, "mimeType": "application/octet-stream", "buffer": content}
    seen.page.locator("input[type=file]").set_input_files(chosen)


def test_uploads_bad_and_good_and_a_file_taken_away(visit, tmp_path: Path):
    with visit() as seen:
        go_to_own_data(seen)
        upload(seen, "bad.npz", b"hello")
        expect(seen.page.get_by_text("bad.npz is no NPZ file")).to_be_visible()
        expect(seen.page.get_by_text("Expected is an NPZ")).to_be_visible()
        expect(seen.player).to_have_count(0)

        upload(seen, "mine.npz", npz_bytes(SEQUENCE))
        expect(seen.player).to_have_attribute("data-sequence", "mine", timeout=90_000)
        expect(seen.page.get_by_text("no positions")).to_be_visible()
        expect(seen.page.get_by_text("bad.npz is no NPZ file")).to_have_count(0)
        seen.show_frame(11)
        assert min(seen.spread()) > 20

        seen.wait_until_idle()  # each run gives the files other names
        with seen.page.expect_download() as taken:
            seen.page.get_by_role("button", name="WebP, lossless").click()
        assert re.fullmatch(r"mine_fixed-learned_seed0\.webp", taken.value.suggested_filename)
        taken.value.save_as(tmp_path / "taken.webp")
    with Image.open(tmp_path / "taken.webp") as webp:
        assert webp.n_frames == 12
        webp.seek(11)
        picture = np.asarray(webp.convert("RGB"))
    np.testing.assert_array_equal(panes(picture)[0], SEQUENCE.frames[11])


def test_compare_offers_its_files(visit, tmp_path: Path):
    with visit() as seen:
        with seen.page.expect_download() as taken:
            seen.page.get_by_role("button", name="CSV per frame").click()
        taken.value.save_as(tmp_path / "taken.csv")
    lines = (tmp_path / "taken.csv").read_text().splitlines()
    assert lines[0] == "model,sample,frame,psnr,psnr_lab,ssim,tip,psnr_moved"
    assert len(lines) == 1 + 3 * 10


def test_a_file_beyond_the_limit_is_refused_by_the_browser_and_by_the_server(
    visit_page, tmp_path: Path
):
    (tmp_path / "large.npz").write_bytes(TOO_MUCH)
    with visit_page("own_data") as seen:
        uploader = seen.page.get_by_test_id("stFileUploader")
        expect(uploader).to_be_visible(timeout=PATIENCE)
        with seen.page.expect_request(re.compile("/_stcore/upload_file/")) as sent:
            upload(seen, "bad.npz", b"hello")
        seen.page.locator("input[type=file]").set_input_files(tmp_path / "large.npz")
        expect(uploader.get_by_text(f"File must be {MOST_MEGABYTES}")).to_be_visible()

        allowed = {"X-Xsrftoken": sent.value.all_headers()["x-xsrftoken"]}
        for content, status in ((b"hello", 204), (TOO_MUCH, 413)):
            file = {"name": "a.npz", "mimeType": "application/octet-stream", "buffer": content}
            answer = seen.page.request.put(
                sent.value.url, multipart={"file": file}, headers=allowed
            )
            assert answer.status == status
