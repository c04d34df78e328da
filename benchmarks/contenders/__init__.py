"""The contenders: each file defines ``CONTENDERS``; to add a contender, add a file."""
