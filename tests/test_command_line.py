"""`python -m cvae`: every command explains itself, and bad words end with code 2."""

import os
import re
import subprocess

import pytest

from cvae.__main__ import COMMANDS, main
from cvae.data.bundle import open_test_sequences
from cvae.data.store import Store
from tests.command import cvae_command, run_cvae

BENCHMARKS = ("predict", "rounding", "train", "statistics", "data")
PAGES = [[name] for name in COMMANDS] + [["train", "tiny"], *(["bench", b] for b in BENCHMARKS)]


def test_help_lists_every_command(capsys) -> None:
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    for name in COMMANDS:
        assert f"  {name} " in told


def meanings(page: str) -> dict[str, str]:
    """What a help page says of each option, without its default."""
    told = {}
    for entry in re.findall(r"^  (--?\w.*(?:\n {6,}\S.*)*)", page, re.MULTILINE):
        name, *text = re.split(r"\s{2,}", entry.strip(), maxsplit=1)
        words = " ".join("".join(text).split())
        told[name] = re.sub(r"\(default: .*\)$|\(required\)$", "", words)
    return told


@pytest.mark.parametrize("words", PAGES, ids=" ".join)
def test_each_help_page_tells_what_it_is_about_and_what_each_option_means(words, capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--help"])
    assert ended.value.code == 0
    page = capsys.readouterr().out.replace("│", " ")
    usage, about, *_ = page.split("\n\n")
    assert usage.startswith(f"usage: python -m cvae {' '.join(words)} ")
    assert len(about.split()) > 3
    told = meanings(page)
    assert "-h, --help" in told
    assert [name for name, text in told.items() if len(text.split()) < 2] == []


def test_an_unknown_command_names_those_that_exist() -> None:
    done = run_cvae("traim")
    assert done.returncode == 2
    assert "'traim'" in done.stderr
    assert "train" in done.stderr


def test_an_unknown_option_ends_with_code_2() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["train", "tiny", "--daat", "x"])
    assert ended.value.code == 2


@pytest.mark.parametrize("help_alone", [False, True])
def test_a_reader_that_has_seen_enough_ends_it_quietly(store, help_alone) -> None:
    read, write = os.pipe()
    os.close(read)
    words = ["--help"] if help_alone else ["info", store]
    with os.fdopen(write, "wb") as nobody_reads:
        done = subprocess.run(
            cvae_command(*words), stdout=nobody_reads, stderr=subprocess.PIPE, text=True
        )
    assert (done.returncode, done.stderr) == (141, "")


def test_bundle_writes_sequences_with_a_title_and_then_the_first_others(store, tmp_path) -> None:
    assert main(["bundle", str(store), str(tmp_path / "bundle"), "--count", "3"]) == 0
    bundled, test = open_test_sequences(tmp_path / "bundle"), Store.open(store).split("test")
    others = [name for name in test.names if name not in bundled.titles]
    assert bundled.names == [*bundled.titles, *others][:3]
    for sequence, name in zip(bundled, bundled.names, strict=True):
        assert (sequence.frames == test.by_name(name).frames).all()


def test_bundle_takes_another_split(store, tmp_path) -> None:
    words = ["bundle", str(store), str(tmp_path / "bundle"), "--split", "validate", "--count", "2"]
    assert main(words) == 0
    expected = Store.open(store).split("validate").names[:2]
    assert open_test_sequences(tmp_path / "bundle").names == expected


def test_bundle_refuses_more_than_there_are(store, tmp_path, capsys) -> None:
    assert main(["bundle", str(store), str(tmp_path / "bundle"), "--count", "99"]) == 2
    assert "has 4 test sequences" in capsys.readouterr().err
    assert not (tmp_path / "bundle").exists()
