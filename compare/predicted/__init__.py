"""Trained runs beside the limit of gradient descent, which predicts each from its start."""
