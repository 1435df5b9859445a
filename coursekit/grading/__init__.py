"""Grading: a submission's checks run in a sandbox, and are judged outside of it."""
