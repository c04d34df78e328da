"""The limit of gradient descent, d and d_h without end at fixed N, SNR and start, as formulas.

Everything here is DERIVED from the model; docs/limit.md does so step by step. The simulator's
``predict`` follows the same recursion in numbers, and the tests compare the two.
"""
