"""Many users of the app at once: `python -m tests.load`."""
