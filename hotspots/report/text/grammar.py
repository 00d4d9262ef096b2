"""Grammar of English sentences: numbers, lists, one and many."""

from __future__ import annotations

from collections.abc import Sequence

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def small_number(number: int) -> str:
    """A number as it is written in a sentence.

    Examples
    --------
    >>> small_number(5), small_number(12)
    ('five', '12')
    """
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"


def and_list(words: Sequence[str]) -> str:
    """Words with commas between them, and "and" before the last.

    Examples
    --------
    >>> and_list(["Leeds"]), and_list(["a", "b", "c"])
    ('Leeds', 'a, b and c')
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def counted(number: int, thing: str) -> str:
    """A number of things.

    Examples
    --------
    >>> counted(1, "day"), counted(1200, "incident")
    ('1 day', '1,200 incidents')
    """
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
