"""What the kit needs of its surroundings: `python -m cs231n.doctor` looks at it."""
