"""What a benchmark ran on, so that its numbers can be compared with others."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

from cvae.worker import usable_cores

PACKAGES = ("numpy", "torch", "pillow")


def describe_machine() -> str:
    """Processor, memory, system, versions, and what else was running, in two lines."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    return (
        f"{_processor()}, {usable_cores()} cores, {memory:.0f} GiB of memory, "
        f"{platform.system()}; Python {platform.python_version()}, "
        f"{versions}.\nLoad before it began: {os.getloadavg()[0]:.1f} (0 on an idle machine; what "
        "else runs takes its share from the numbers below)."
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
