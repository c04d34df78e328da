"""One module a command, each offering a click command of its own name as ``command``.

Adding a command is adding a file. Modules are imported to print ``--help``, so what is heavy
(numpy, sympy, numba, torch, matplotlib) is imported inside the command's function.
"""
