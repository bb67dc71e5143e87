"""The file of a lesson's bench: whole or not at all, bounded, and put aside where it cannot be read."""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from initplay.lab.events import Finished, Point, Started
from initplay.learner import benches
from initplay.learner.benches import Benches, NotRead, Written
from initplay.learner.saved import NotKept
from initplay.recording.packed import Bench, BenchRun, unpack
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


def write(lesson: str, bench: Bench) -> Written:
    """As a playground does that read what there was, and is quit then."""
    playground = Benches()
    with contextlib.suppress(NotRead):
        playground.read(lesson)
    try:
        return playground.write(lesson, bench)
    finally:
        playground.close()


def seed_of(lesson: str) -> int | None:
    bench = benches.read(lesson)
    return bench.seed if bench else None


def test_each_lesson_has_the_bench_that_was_written_last(home: Path) -> None:
    assert seed_of("climb") is None
    for lesson, seed in (("climb", 1), ("trouble", 2), ("climb", 3)):
        write(lesson, a_bench(seed))
    assert (seed_of("climb"), seed_of("trouble")) == (3, 2)
    assert sorted(path.name for path in (home / "benches").iterdir()) == [
        *("climb.bench", "climb.lock", "trouble.bench", "trouble.lock")
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_any_other_file_in_its_place_is_said_and_put_aside_by_who_writes(data: bytes) -> None:
    path = benches.path_of("climb")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    refused(r"\(.+\): they stay in .+climb\.bench, and are put aside when there are new ones\.$")
    assert path.read_bytes() == data
    aside = write("climb", a_bench(3)).aside
    assert aside is not None and aside.read_bytes() == data
    assert seed_of("climb") == 3
    assert benches.forget() == 1 and aside.exists()


def refused(what: str) -> None:
    with pytest.raises(NotRead, match=what):
        benches.read("climb")


def test_a_bench_cut_short_is_put_aside_whole() -> None:
    write("climb", a_bench())
    path = benches.path_of("climb")
    data = path.read_bytes()
    path.write_bytes(data[:-10])
    refused("its checksum is another")
    aside = write("climb", a_bench()).aside
    assert aside is not None and aside.read_bytes() == data[:-10]


def test_a_file_too_large_to_be_ours_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    write("climb", a_bench())
    monkeypatch.setattr(benches, "MAX_BYTES", 50)
    refused("it is too large")


def test_what_the_system_would_not_read_is_there_in_the_next_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many open files, or rights that were taken away: the bench is a good one."""
    write("climb", a_bench(7))

    def refuse(*_: object) -> bytes:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patched:
        patched.setattr(benches, "contents", refuse)
        refused(r"\(too many open files\): they stay in")
    assert seed_of("climb") == 7


def test_what_a_playground_wrote_and_could_not_read_again_is_put_aside_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    playground = Benches()
    playground.write("climb", a_bench(1))

    def refuse(*_: object) -> bytes:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patched:
        patched.setattr(benches, "contents", refuse)
        with pytest.raises(NotRead, match="put aside when there are new ones"):
            playground.read("climb")
    aside = playground.write("climb", a_bench(2)).aside
    playground.close()
    assert aside is not None and unpack(aside.read_bytes()).seed == 1


def test_a_disk_that_is_full_puts_nothing_aside(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("climb", a_bench(1))

    def full(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(NotKept, match="No space left on device"):
        Benches().write("climb", a_bench(2))
    assert seed_of("climb") == 1 and not benches.asides()


def test_the_last_few_that_were_put_aside_are_there(home: Path) -> None:
    for seed in range(benches.MOST_ASIDE + 3):
        another = Benches()
        another.write("climb", a_bench(seed))
        another.close()
        os.utime(benches.path_of("climb"), (1e9 + seed, 1e9 + seed))
    seeds = sorted(unpack(aside.read_bytes()).seed for aside in benches.asides())
    assert seeds == list(range(2, benches.MOST_ASIDE + 2))


def test_a_folder_that_vanishes_takes_the_lock_with_it(home: Path) -> None:
    first, second = Benches(), Benches()
    first.write("climb", a_bench(1))
    shutil.rmtree(home / "benches")
    second.write("climb", a_bench(2))
    with pytest.raises(NotKept, match="Another playground keeps the runs of climb"):
        first.write("climb", a_bench(3))
    second.close()
    first.close()
    assert seed_of("climb") == 2


def test_a_lock_of_another_user_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.open

    def refuse(path: Any, *options: Any) -> int:
        if str(path).endswith(".lock"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *options)

    monkeypatch.setattr(os, "open", refuse)
    write("climb", a_bench(5))
    assert seed_of("climb") == 5


def test_what_cannot_be_put_aside_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    path = benches.path_of("climb")
    path.parent.mkdir()
    path.write_bytes(b"no bench")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(NotKept, match=r"cannot be written \(Permission denied\)"):
        write("climb", a_bench(7))
    assert path.read_bytes() == b"no bench"


def test_of_two_playgrounds_the_first_keeps_its_runs_and_the_other_says_so() -> None:
    """Also when the first is quit: what was said of the other's runs stays true."""
    first, second = Benches(), Benches()
    for one in (first, second):
        assert one.read("climb") is None
    assert first.write("climb", a_bench(1)) == ([], None)
    for quits in (False, True):
        with pytest.raises(NotKept, match=r"^Another playground keeps the runs of climb: .+\.$"):
            second.write("climb", a_bench(2))
        assert second.write("trouble", a_bench(2)) == ([], None)
        assert first.write("climb", a_bench(3)) == ([], None)
        if not quits:
            first.close()
    second.close()
    assert seed_of("climb") == 3 and not benches.asides()


def test_what_another_playground_wrote_and_quit_meanwhile_is_put_aside() -> None:
    first, second = Benches(), Benches()
    assert second.read("climb") is None
    first.write("climb", a_bench(3))
    first.close()
    aside = second.write("climb", a_bench(4)).aside
    assert aside is not None and seed_of("climb") == 4
    assert second.write("climb", a_bench(5)) == ([], None)
    second.close()
    os.replace(aside, benches.path_of("climb"))
    assert seed_of("climb") == 3, "nothing of it is lost"


def test_a_folder_in_its_place_is_put_aside() -> None:
    benches.path_of("climb").mkdir(parents=True)
    aside = write("climb", a_bench(4)).aside
    assert aside is not None and aside.is_dir() and seed_of("climb") == 4


def test_a_folder_that_cannot_be_written_is_a_sentence(home: Path) -> None:
    (home / "benches").write_bytes(b"")
    with pytest.raises(NotKept, match=r"^Runs are kept until you quit, not longer: .*\.$"):
        write("climb", a_bench())


def test_what_was_left_longest_ago_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    for hours, lesson in enumerate(("old", "older", "oldest")):
        write(lesson, a_bench())
        long_ago = 1e9 - 3600 * hours
        os.utime(benches.path_of(lesson), (long_ago, long_ago))
    size = benches.path_of("old").stat().st_size
    monkeypatch.setattr(benches, "MAX_BYTES_IN_ALL", 2 * size)
    write("latest", a_bench())
    kept = [lesson for lesson in ("latest", "old", "older", "oldest") if seed_of(lesson)]
    assert kept == ["latest", "old"]


def test_a_disk_that_fills_up_leaves_what_was_there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("climb", a_bench(1))

    def full(path: Path, data: bytes) -> int:
        with path.open("wb") as file:
            file.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(NotKept, match="No space left on device"):
        write("climb", a_bench(2))
    assert seed_of("climb") == 1
    assert [path.name for path in (home / "benches").glob("*.bench*")] == ["climb.bench"]


def test_a_slug_that_is_a_path_stays_in_the_folder(home: Path) -> None:
    assert benches.path_of("../../x/y").parent == home / "benches"


def test_a_bench_that_another_playground_removes_meanwhile_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    write("other", a_bench())
    seen = Path.glob

    def glob(folder: Path, pattern: str) -> list[Path]:
        found = list(seen(folder, pattern))
        benches.path_of("other").unlink(missing_ok=True)
        return found

    monkeypatch.setattr(Path, "glob", glob)
    write("climb", a_bench(7))
    assert (seed_of("climb"), seed_of("other")) == (7, None)


def test_what_was_left_by_one_that_was_killed_goes_after_a_day(home: Path) -> None:
    write("climb", a_bench())
    old, new = (home / "benches" / f".climb.bench.{token}.part" for token in ("0a1b2c3d", "4e5f6a7b"))
    old.write_bytes(b"half")
    new.write_bytes(b"half")
    os.utime(old, (1e9, 1e9))
    write("climb", a_bench())
    assert (old.exists(), new.exists()) == (False, True)
