"""Models that are trained: one module each says how a `Snapshot` becomes outputs f.

A module works on logits and values, never on weights, so it serves every engine; engines hold the
weights and their gradients. What is logged of the outputs is in `bofcheck.simulate.observables`.
A second model is a second module here, and an engine that can train it.
"""
