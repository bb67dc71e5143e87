"""A lesson as a file that runs without initplay: a notebook, or a plain program in cells."""
