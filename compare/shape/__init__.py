"""What a verdict on a bound would have rejected: shape, wrong powers, looseness."""
