"""``python -m bofcheck``: the same as the ``bofcheck`` command."""

from .cli import main

if __name__ == "__main__":
    main()
