"""Who may come in: pure, but for the file of the secret."""

from __future__ import annotations

import stat

import pytest

from initplay.serving.doorkeeper import SHORTEST_TOKEN, Doorkeeper, is_loopback, new_token, secret_of

TOKEN = "a-token-of-real-length"


@pytest.fixture
def asks() -> Doorkeeper:
    return Doorkeeper(b"secret", TOKEN)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1.2.3", "::1"])
def test_only_this_machine_reaches(host):
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.com", "localhost.example.com", ""])
def test_others_reach(host):
    assert not is_loopback(host)


@pytest.mark.parametrize("token", ["", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "\ud800", "ключ"])
def test_another_token_is_not_the_token(asks, token):
    assert asks.knows(TOKEN)
    assert not asks.knows(token)


def test_a_pass_is_worth_something_as_long_as_the_token_is_the_same(asks):
    assert asks.lets_in(asks.pass_for_token())
    assert not asks.lets_in("")
    assert not asks.lets_in(TOKEN)
    assert not Doorkeeper(b"secret", "another-token-of-length").lets_in(asks.pass_for_token())
    assert not Doorkeeper(b"another", TOKEN).lets_in(asks.pass_for_token())


def test_without_a_token_everybody_comes_in():
    assert Doorkeeper(b"secret", "").lets_in("")


def test_a_visitor_is_known_again_when_the_token_has_changed(asks):
    cookie = asks.new_visitor()
    visitor = asks.visitor(cookie)
    assert visitor and visitor != asks.visitor(asks.new_visitor())
    assert Doorkeeper(b"secret", "").visitor(cookie) == visitor


@pytest.mark.parametrize(
    "change", ["", "{other}.{signature}", "../etc.{signature}", "{visitor}", "{visitor}.é"]
)
def test_nobody_is_a_visitor_by_a_cookie_of_their_own_making(asks, change):
    visitor, _, signature = asks.new_visitor().partition(".")
    other = asks.visitor(asks.new_visitor())
    assert asks.visitor(change.format(visitor=visitor, other=other, signature=signature)) is None


@pytest.mark.parametrize(
    ("host", "alone", "with_token"),
    [
        ("localhost:8000", True, True),
        ("127.0.0.1", True, True),
        ("[::1]:8000", True, True),
        ("evil.example:8000", False, True),
        ("[::1", False, True),
        ("", False, True),
    ],
)
def test_without_a_token_a_name_must_be_of_this_machine(asks, host, alone, with_token):
    """Else whoever owns a name could let it point here, and ask through a browser of ours."""
    assert Doorkeeper(b"secret", "").may_ask(host) is alone
    assert asks.may_ask(host) is with_token


@pytest.mark.parametrize(
    ("origin", "host", "here"),
    [
        ("http://localhost:8000", "localhost:8000", True),
        ("https://play.example", "Play.example", True),
        ("http://localhost:8001", "localhost:8000", False),
        ("https://evil.example", "localhost:8000", False),
        ("null", "localhost:8000", False),
        ("", "", False),
    ],
)
def test_whose_page_asks(origin, host, here):
    assert Doorkeeper.is_from_here(origin, host) is here


def test_the_secret_is_made_once_and_for_its_owner(tmp_path):
    made = secret_of(tmp_path / "serve")
    assert len(made) == 32
    assert secret_of(tmp_path / "serve") == made
    assert stat.S_IMODE((tmp_path / "serve" / "secret").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "serve").iterdir()] == ["secret"]


@pytest.mark.parametrize("short", [b"", b"x" * 31])
def test_a_secret_that_could_be_guessed_is_drawn_anew(tmp_path, short):
    (tmp_path / "secret").write_bytes(short)
    made = secret_of(tmp_path)
    assert len(made) == 32
    assert secret_of(tmp_path) == made


def test_a_token_that_is_drawn_is_long_and_another_each_time():
    assert len(new_token()) >= SHORTEST_TOKEN
    assert new_token() != new_token()
