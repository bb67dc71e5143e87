import pytest
from authoring import write


@pytest.fixture
def folder(tmp_path):
    """The folder of one lesson, in a course of its own."""
    return write(tmp_path / "lessons" / "02_blowup")
