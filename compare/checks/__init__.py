"""Ways of deciding claims: one kind of ruling a file, its docstring the printed rule."""
