"""What is said where a course has not what was asked for. By itself, for a start of the playground reads no
lesson before its first frame, and what a lesson is made of takes a hundredth of a second to set up."""


class CourseError(Exception):
    """A lesson or experiment that is not there; one sentence with the nearest name."""
