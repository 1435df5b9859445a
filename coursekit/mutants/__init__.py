"""Mutants: right code with a mistake in it.

Known mistakes are edits of right code, each with a sentence for the student who made it. Others are
planted by operators, in the reference and in anybody's right answer.
"""

from .mistake import ALL, Mistake, mistake

__all__ = ["ALL", "Mistake", "mistake"]
