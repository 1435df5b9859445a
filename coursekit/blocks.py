from cs231n.blocks import *  # noqa: F403  # until everything here imports from there
