"""The learner's own files: begun once, never written over, read whatever wrote them."""

import codecs
import sys

import pytest
from ordinary_user import who_is_kept_out_of_folders

from initplay.course.course import Course
from initplay.course.exercise import exercise_of
from initplay.course.scaffold import new_lesson
from initplay.learner.exercises import NotReadable, begin, path_of, read, write
from initplay.learner.saved import NotKept


@pytest.fixture
def exercise(tmp_path, monkeypatch):
    monkeypatch.setenv("INITPLAY_HOME", str(tmp_path / "home"))
    new_lesson(tmp_path / "lessons", "first", exercise=True)
    return exercise_of(Course.load(tmp_path / "lessons").lessons[0])


def test_each_level_has_a_file_of_its_own_that_is_begun_once(exercise) -> None:
    paths = [begin(exercise, level) for level in (1, 2, 3)]
    assert len(set(paths)) == 3 and all(read(path) == exercise.start(n) for n, path in enumerate(paths, 1))
    write(paths[0], "mine = 1\n")
    assert begin(exercise, 1) == paths[0] and read(paths[0]) == "mine = 1\n"


@pytest.mark.parametrize(
    "raw", [b"\xef\xbb\xbfx = 1\r\n\ty = 2\r\n", b"x = 1\r\n\ty = 2\r\n", b"x = 1\n\ty = 2\n"]
)
def test_line_ends_and_byte_order_marks_do_not_matter(tmp_path, raw) -> None:
    (tmp_path / "a.py").write_bytes(raw)
    assert read(tmp_path / "a.py") == "x = 1\n\ty = 2\n"


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ("x = 1".encode("utf-16"), "since it is in UTF-16: save it as UTF-8"),
        (b"x = 1\0", "zero byte"),
        (b"#" * 1_000_001, "too large"),
    ],
    ids=["UTF-16", "a zero byte", "too large"],
)
def test_what_is_no_text_is_refused_in_a_sentence(tmp_path, raw, says) -> None:
    (tmp_path / "a.py").write_bytes(raw)
    with pytest.raises(NotReadable, match=says):
        read(tmp_path / "a.py")
    with pytest.raises(NotReadable, match="cannot be read"):
        read(tmp_path)
    with pytest.raises(NotReadable, match="cannot be read"):
        read(tmp_path / "not_there.py")


def test_a_mark_of_one_encoding_and_the_name_of_another_are_one_sentence(tmp_path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(codecs.BOM_UTF8 + "# coding: latin-1\nx = 'Größe'\n".encode())
    with pytest.raises(NotReadable) as refused:
        read(path)
    assert str(refused.value) == (
        f"{path} is not read by Python, since it begins with the mark of UTF-8 and names another encoding "
        "in a comment: take that comment out."
    )


def test_the_encoding_that_a_file_names_is_kept(tmp_path) -> None:
    """What that has no sign for is said, and the file stays as it was."""
    path = tmp_path / "a.py"
    raw = "# coding: latin-1\r\nx = 'Größe'\r\n".encode("latin-1")
    path.write_bytes(raw)
    text = read(path)
    assert text == "# coding: latin-1\nx = 'Größe'\n"
    write(path, text)
    assert path.read_bytes() == raw
    with pytest.raises(NotKept, match="'→' is not in latin-1, the encoding that the file names"):
        write(path, text + "# → there")
    assert path.read_bytes() == raw
    write(path, text.replace("latin-1", "utf-8"))
    assert read(path) == text.replace("latin-1", "utf-8") and "Größe".encode() in path.read_bytes()


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
@pytest.mark.parametrize(
    "named", ["latin-1", "utf-16", "utf-7", "hex", "undefined", "unicode_escape", "idna", "no-such-thing"]
)
def test_whatever_encoding_is_typed_the_file_can_be_read_again_or_the_text_is_not_kept(
    tmp_path, mark, named
) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(mark + b"x = 1\n")
    text = f"# coding: {named}\nx = 'Gr\u00f6\u00dfe \\n'\n"
    try:
        write(path, text)
    except NotKept as error:
        assert "does not give this text back" in str(error) or "is not in" in str(error)
        assert read(path) == "x = 1\n"
        return
    try:
        assert read(path) == text
    except NotReadable as error:  # Python could not read it either, and nothing of it is lost
        assert "is not read by Python" in str(error)
        assert text.encode() in path.read_bytes()


def test_a_folder_that_cannot_be_made_is_said(exercise, tmp_path) -> None:
    (tmp_path / "home").write_text("in the way")
    with pytest.raises(NotKept, match="could not be written"):
        begin(exercise, 1)
    assert not path_of(exercise, 1).exists()


@pytest.mark.skipif(sys.platform != "linux", reason="capabilities are Linux's")
def test_a_folder_that_may_not_be_searched_is_said(exercise) -> None:
    path = begin(exercise, 1)
    path.parent.chmod(0o600)
    try:
        with who_is_kept_out_of_folders():
            with pytest.raises(NotReadable, match="Permission denied"):
                read(path)
            for attempt in (lambda: begin(exercise, 1), lambda: write(path, "x = 1\n")):
                with pytest.raises(NotKept, match="Permission denied"):
                    attempt()
    finally:
        path.parent.chmod(0o700)
