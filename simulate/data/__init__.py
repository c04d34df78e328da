"""Laws of the training and test data, one module each."""
