"""`initplay examine FILE --open` in a small terminal: a net is examined, edited, run again and written."""

from __future__ import annotations

from pathlib import Path

from terminal import INITPLAY, Terminal

NET = "from torch import nn\n\nnet = nn.Sequential(nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 10))\n"
DOWN, ESCAPE, LEFT, TAB = "\x1b[B", "\x1b", "\x1b[D", "\t"
CTRL_R, CTRL_S = "\x12", "\x13"
WORSE = "for layer in net[::2]: nn.init.normal_(layer.weight, std=30)"


def test_a_net_is_examined_edited_and_written_at_80x24(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(NET)
    arguments = ("examine", str(file), "--steps", "4", "--device", "cpu", "--open")
    with Terminal(tmp_path, *arguments, size=(80, 24), command=INITPLAY) as terminal:
        terminal.until("Nothing is found wrong", "run 1 · finished", "step 4 of 4", "rms by layer", "net.py")
        terminal.send(LEFT)
        terminal.until("step 3 of 4")
        terminal.send("pe")
        terminal.until("ctrl+s writes net.py", "nn.Sequential")
        terminal.send(3 * DOWN + WORSE)
        terminal.until("source (edited)")
        terminal.send(CTRL_R)
        terminal.until("run 2", "edited source", "finished", "rms by layer")
        assert file.read_text() == NET, "a run writes nothing"
        terminal.send(TAB)
        terminal.until("gives", "first loss")
        terminal.send(TAB + "e")
        terminal.until("ctrl+s writes net.py")
        terminal.send(CTRL_S)
        terminal.until("Written to")
        assert file.read_text() == NET + WORSE
        terminal.send(ESCAPE)
        terminal.until("? help")
        terminal.send("q")
        assert terminal.wait() == 0
        assert all(terminal.restored().values()), terminal.restored()


def test_an_edit_that_is_not_written_is_said_at_the_end_and_has_its_key_the_next_time(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(NET)
    arguments = ("examine", str(file), "--device", "cpu", "--open")
    with Terminal(tmp_path, *arguments, size=(80, 24), command=INITPLAY) as terminal:
        terminal.until("run 1 · finished")
        terminal.send("e")
        terminal.until("ctrl+s writes net.py")
        assert "f4" not in terminal.text
        terminal.send("#")
        terminal.until("source (edited)")
        terminal.send(ESCAPE)
        terminal.until("? help")
        terminal.send("q")
        assert terminal.wait() == 0
        assert b"was not written: what you changed is kept, and e, then f4" in terminal.written
    with Terminal(tmp_path, *arguments, size=(80, 24), command=INITPLAY) as terminal:
        terminal.until("finished", "kept as", "then f4")
        terminal.send("e")
        terminal.until("f4 your earlier text · ctrl+r run · ctrl+s writes net.py · ctrl+g diff · esc leaves")
        terminal.send("\x1bOS")
        terminal.until("scratch 1, 1 of 1", "#from torch")
        terminal.send(CTRL_S)
        terminal.until("Written to")
        terminal.send(ESCAPE)
        terminal.until("? help")
        terminal.send("q")
        assert terminal.wait() == 0 and b"was not written" not in terminal.written
    assert file.read_text() == "#" + NET
