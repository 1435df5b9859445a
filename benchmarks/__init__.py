"""Measurements of how fast the package is, run by hand: `python -m benchmarks`."""
