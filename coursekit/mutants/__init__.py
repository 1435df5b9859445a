"""Mutants: the reference with a mistake in it.

Known mistakes are edits of a reference block, each with a sentence for the student who made it.
"""

from .mistake import ALL, Mistake, mistake

__all__ = ["ALL", "Mistake", "mistake"]
