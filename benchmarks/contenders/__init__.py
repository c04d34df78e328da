"""The contenders: each file offers ``CONTENDERS``; adding one is adding a file."""
