"""`python -m tests.standing_still WHERE CALLS ...`: `python -m cvae ...`, which stops itself.

At the end of call number CALLS of the function WHERE ("module:name") it stands still, until a
SIGCONT: a test that kills it there need not be quicker than it is.
"""

import os
import runpy
import signal
import sys
from functools import wraps
from pkgutil import resolve_name

if __name__ == "__main__":
    where, calls, *sys.argv[1:] = sys.argv[1:]
    module, _, path = where.partition(":")
    holder, _, name = path.rpartition(".")
    owner = resolve_name(f"{module}:{holder}" if holder else module)
    function, left = getattr(owner, name), int(calls)

    @wraps(function)
    def counted(*args, **options):
        global left
        result = function(*args, **options)
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
        return result

    setattr(owner, name, counted)
    runpy.run_module("cvae", run_name="__main__", alter_sys=True)
