"""What the modules around this folder are made with. A student need not read any of it."""
