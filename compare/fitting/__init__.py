"""Constants of a theorem from calibration cells, and its bounds along runs."""
