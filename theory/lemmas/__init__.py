"""What the paper proves, and this project derives, on the way to the theorems."""
