"""A newer handout under a student's work: `python -m cs231n.update NEW_HANDOUT.zip`."""
