"""The statistics claims are decided with; a claim's own file only says which and on what."""
