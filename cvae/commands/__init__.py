"""One module a command; `main` is its function, its docstring and types are its --help."""
