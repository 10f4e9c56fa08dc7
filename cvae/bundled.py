"""What comes with the repository: found from wherever a program was started."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
SEQUENCES = PROJECT / "demo" / "sequences"
CHECKPOINTS = PROJECT / "checkpoints"
