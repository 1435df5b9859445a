"""What a course adds to nbval: cells with names, causes kept apart from consequences, and points.

`plugin` is loaded with pytest, and does nothing unless nbval runs notebooks of a course. `cells`
says what a cell is called and what it needs, `notebook` runs the cells, `report` writes what came
out.
"""
