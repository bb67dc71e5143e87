"""The exercise: the learner writes a piece themselves, and it is checked."""
