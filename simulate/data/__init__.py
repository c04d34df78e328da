"""Laws of the data: each module draws samples and their labels.

A module defines ``draw_labels(problem, run)`` and its tokens in two forms: at their real dimensions
(`signal_rows`, `noise_tokens`), and in a frame adapted to them whose size does not depend on d
(`draw_coordinates`). `bofcheck.simulate.initialization` combines them with weights. A second law
needs a second module, chosen by a field of `Problem`.
"""
