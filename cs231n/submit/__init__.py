"""Handing in: `python -m cs231n.submit` looks through a student's work and packs it into a zip."""
