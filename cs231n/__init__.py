"""Neural networks from scratch in numpy: the package that a reader of the notebooks completes."""
