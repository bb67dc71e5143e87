"""The file of a lesson's bench: whole or not at all, bounded, and put aside where it cannot be read."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from initplay.lab.events import Finished, Point, Started
from initplay.learner import benches
from initplay.learner.saved import NotKept
from initplay.recording.packed import Bench, BenchRun
from initplay.recording.run import replay


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("INITPLAY_HOME", str(tmp_path))
    return tmp_path


def a_bench(seed: int = 42) -> Bench:
    started = Started(lesson="climb", experiment="climb", knobs={}, seed=seed, device="cpu")
    run = replay([started, Point("c", 1, 2), Finished(0.1)])
    one = BenchRun(number=1, seeds=(seed,), run=run)
    return Bench(step=0, lesson="climb", experiment="climb", knobs={}, seed=seed, begun=1, runs=(one,))


def seed_of(lesson: str) -> int | None:
    bench = benches.read(lesson)
    return bench.seed if bench else None


def test_each_lesson_has_the_bench_that_was_written_last(home: Path) -> None:
    assert seed_of("climb") is None
    for lesson, seed in (("climb", 1), ("trouble", 2), ("climb", 3)):
        benches.write(lesson, a_bench(seed))
    assert (seed_of("climb"), seed_of("trouble")) == (3, 2)
    assert sorted(path.name for path in (home / "benches").iterdir()) == ["climb.bench", "trouble.bench"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_other_file_in_its_place_is_put_aside_and_that_is_said(data: bytes) -> None:
    path = benches.path_of("climb")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    assert put_aside().read_bytes() == data
    benches.write("climb", a_bench(3))
    assert seed_of("climb") == 3


def put_aside() -> Path:
    """Where the bench lies that cannot be read, as the sentence says."""
    with pytest.raises(benches.NotRead) as said:
        benches.read("climb")
    found = re.fullmatch(
        r"The runs that this lesson had kept cannot be read \((.+)\): they lie in (.+)\.", str(said.value)
    )
    assert found and benches.read("climb") is None
    return Path(found[2])


def test_a_bench_cut_short_is_put_aside_whole() -> None:
    benches.write("climb", a_bench())
    path = benches.path_of("climb")
    data = path.read_bytes()
    path.write_bytes(data[:-10])
    assert put_aside().read_bytes() == data[:-10]


def test_a_file_too_large_to_be_ours_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    benches.write("climb", a_bench())
    monkeypatch.setattr(benches, "MAX_BYTES", 50)
    assert put_aside().stat().st_size > 100


def refused(what: str) -> benches.NotRead:
    with pytest.raises(benches.NotRead, match=what) as said:
        benches.read("climb")
    return said.value


def test_what_cannot_be_put_aside_is_named_and_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    path = benches.path_of("climb")
    path.parent.mkdir()
    path.write_bytes(b"no bench")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    assert refused(r"does not begin.+climb\.bench cannot be put aside: Permission denied\.").stays


def test_what_the_system_would_not_read_stays_for_the_next_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many open files, or rights that were taken away: the bench is a good one."""
    benches.write("climb", a_bench(7))

    def refuse(*_: object) -> bytes:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patched:
        patched.setattr(benches, "contents", refuse)
        assert refused(r"now \(too many open files\): they stay in .+climb\.bench\.$").stays
    assert seed_of("climb") == 7


def test_what_stays_unread_is_put_aside_by_who_writes() -> None:
    benches.write("climb", a_bench(7))
    path = benches.path_of("climb")
    data = path.read_bytes()
    benches.write("climb", a_bench(8), unread=True)
    (aside,) = path.parent.glob("climb.unread-*.kept")
    assert seed_of("climb") == 8 and aside.read_bytes() == data
    assert benches.forget() == 1 and aside.exists()
    benches.write("climb", a_bench(9), unread=True)
    assert seed_of("climb") == 9


def test_a_folder_in_its_place_is_a_sentence_when_it_is_to_be_written() -> None:
    benches.path_of("climb").mkdir(parents=True)
    with pytest.raises(NotKept, match=r"^Runs are kept until you quit, not longer: .*\.$"):
        benches.write("climb", a_bench())
    assert [path.name for path in benches.path_of("climb").parent.iterdir()] == ["climb.bench"]


def test_what_was_left_longest_ago_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    for hours, lesson in enumerate(("old", "older", "oldest")):
        benches.write(lesson, a_bench())
        long_ago = 1e9 - 3600 * hours
        os.utime(benches.path_of(lesson), (long_ago, long_ago))
    size = benches.path_of("old").stat().st_size
    monkeypatch.setattr(benches, "MAX_BYTES_IN_ALL", 2 * size)
    benches.write("latest", a_bench())
    kept = [lesson for lesson in ("latest", "old", "older", "oldest") if seed_of(lesson)]
    assert kept == ["latest", "old"]


def test_a_disk_that_fills_up_leaves_what_was_there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    benches.write("climb", a_bench(1))

    def full(path: Path, data: bytes) -> int:
        with path.open("wb") as file:
            file.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(NotKept, match="No space left on device"):
        benches.write("climb", a_bench(2))
    assert seed_of("climb") == 1
    assert [path.name for path in (home / "benches").iterdir()] == ["climb.bench"]


def test_a_slug_that_is_a_path_stays_in_the_folder(home: Path) -> None:
    assert benches.path_of("../../x/y").parent == home / "benches"


def test_a_bench_that_another_playground_removes_meanwhile_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    benches.write("other", a_bench())
    seen = Path.glob

    def glob(folder: Path, pattern: str) -> list[Path]:
        found = list(seen(folder, pattern))
        benches.path_of("other").unlink(missing_ok=True)
        return found

    monkeypatch.setattr(Path, "glob", glob)
    benches.write("climb", a_bench(7))
    assert (seed_of("climb"), seed_of("other")) == (7, None)


def test_what_was_left_by_one_that_was_killed_goes_after_a_day(home: Path) -> None:
    benches.write("climb", a_bench())
    old, new = (home / "benches" / f".climb.bench.{token}.part" for token in ("0a1b2c3d", "4e5f6a7b"))
    old.write_bytes(b"half")
    new.write_bytes(b"half")
    os.utime(old, (1e9, 1e9))
    benches.write("climb", a_bench())
    assert (old.exists(), new.exists()) == (False, True)
