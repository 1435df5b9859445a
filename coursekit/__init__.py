"""Instructors' tools: what cuts a handout from this repository, and grades what comes back.

Nothing in here goes into a handout, and the package `cs231n` never imports it.
"""
