"""Files that ``bofcheck new`` copies: each runs as it is."""
