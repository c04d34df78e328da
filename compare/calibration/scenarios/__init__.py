"""One known truth, or a family of departures from one, in each file."""
