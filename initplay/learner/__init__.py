"""What is kept of the learner: progress, how well they predict, and the files they saved.

Pure storage and arithmetic: nothing here draws or runs anything.
"""
