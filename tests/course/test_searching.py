"""The page of formulas, searched."""

import pytest

from initplay.course.course import find_lessons_dir
from initplay.course.reference import FILE, found

PAGE = """\
# Formulas

Weights have mean 0.

## One layer

| what | factor |
|---|---|
| w | n · v |
| w, then ReLU | ½ · n · v |

## Schemes

| scheme | variance |
|---|---|
| LeCun | 1 / n |

# Words

- **loss**: how wrong it is,
  on a batch.
- **rms**: root mean square."""


@pytest.mark.parametrize(
    ("sought", "said"),
    [
        ("", PAGE),
        ("  ", PAGE),
        ("lecun", "# Formulas\n\n## Schemes\n\n| scheme | variance |\n|---|---|\n| LeCun | 1 / n |"),
        (
            "relu",
            "# Formulas\n\n## One layer\n\n| what | factor |\n|---|---|\n| w, then ReLU | ½ · n · v |",
        ),
        ("batch WRONG", "# Words\n\n- **loss**: how wrong it is,\n  on a batch."),
        ("mean", "# Formulas\n\nWeights have mean 0.\n\n# Words\n\n- **rms**: root mean square."),
        ("batch rms", ""),
        ("nowhere", ""),
    ],
)
def test_what_says_it_is_found_under_its_headings(sought, said):
    assert found(PAGE, sought) == said


def test_every_word_of_the_glossary_finds_its_own_entry():
    page = (find_lessons_dir() / FILE).read_text(encoding="utf-8")
    entries = f"\n{page}".split("\n- **")[1:]
    assert len(entries) > 20
    for entry in entries:
        word = entry.partition("**")[0]
        assert f"- **{word}**: " in found(page, word)
