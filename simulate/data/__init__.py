"""Laws of the data: one module each says how samples and their labels are drawn.

A module offers ``draw_labels(problem, run)`` and its tokens twice over: at their real dimensions
(`signal_rows`, `noise_tokens`), and in a frame adapted to them whose size does not depend on d
(`draw_coordinates`). `bofcheck.simulate.initialization` joins them with weights. A second law is a
second module, chosen by a field of `Problem`.
"""
