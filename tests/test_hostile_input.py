"""Whatever is in a file: read, or refused in a sentence. `python -m tests.fuzz` looks longer."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz import all_readers
from tests.fuzz.reader import Reader

# Derandomized: the same examples everywhere, and no folder of examples beside the tests.
LOOK = settings(
    max_examples=25,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def readers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Callable[[], Reader]]:
    return all_readers(tmp_path_factory.mktemp("whole"))


@pytest.mark.filterwarnings("ignore")  # decoders warn of what they then refuse
@pytest.mark.parametrize("name", list(all_readers(Path())))
def test_changed_files_are_read_or_refused_in_one_sentence(name: str, readers, tmp_path) -> None:
    reader = readers[name]()
    assert reader.holds(tmp_path, reader.parts), "what is whole is refused"

    def check(parts: dict[str, bytes]) -> None:
        reader.holds(tmp_path, parts)

    LOOK(given(reader.changed_parts())(check))()
