"""What the notebooks draw: a module for each of them, and two that they share."""
