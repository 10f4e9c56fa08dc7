"""A reader in a process of its own that may take only so much memory."""

import subprocess
import sys
from pathlib import Path

CODE = """
import resource, sys
from pathlib import Path
from cvae.errors import InputError
{imports}
path = Path(sys.argv[1])
pages = int(Path("/proc/self/statm").read_text().split()[0])
most = pages * resource.getpagesize() + {megabytes} * 2**20
resource.setrlimit(resource.RLIMIT_AS, (most, most))
try:
    {read}
    print("read")
except InputError as error:
    print("refused:", error)
"""


def read_within(megabytes: int, imports: str, read: str, path: Path) -> str:
    """What comes of the statement `read` about `path`: "read", or "refused: " and the sentence.

    megabytes: that reading may take beyond what the process has after the `imports`.
    """
    code = CODE.format(imports=imports, read=read, megabytes=megabytes)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(path)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
