"""CIFAR-10 and its stand-in as files: fetched or drawn, checked, put into place, and read."""
