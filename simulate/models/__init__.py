"""Models to train: each module computes outputs f from a `Snapshot`.

A module works on logits and values, never on weights, so it serves every engine; engines hold the
weights and their gradients. `bofcheck.simulate.observables` logs quantities of the outputs. A
second model needs a second module here, and an engine that can train it.
"""
