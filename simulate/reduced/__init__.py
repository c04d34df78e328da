"""Every model but attention, trained exactly in the span of its tokens, at any dimension.

W(t) = c(t)·W(0) + Zᵀ A(t) under gradient descent, minibatches, momentum, weight decay and label
noise (DERIVED), so a run is G = ZZᵀ, U = Z W(0) and the coefficients A; gradients in H = c·U + G·A
come from autograd. `direct` is the twin on real arrays. This package imports torch.
"""
