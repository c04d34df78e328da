"""Questions: each module defines ``QUESTION``; to add one, add a file."""
