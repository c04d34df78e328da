"""One module per command, which defines a click command of the module's name as ``command``.

To add a command, add a file. Modules are imported to print ``--help``, so heavy libraries
(numpy, sympy, numba, torch, matplotlib) are imported inside the command's function.
"""
