"""Errors of the library, which name its arguments, in the words of a product file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from hotspots.core.errors import DataError, InputError

IN_WORDS_OF_A_FILE = (
    (
        r"Name them with `fields=FieldMap\(\.\.\.\)`.*?one\.|Name its columns with `fields=.*?`\.",
        'Name its columns in a field map: `fields = "my-fields.toml"`. `hotspots check FILE '
        "--save-fields my-fields.toml` makes one.",
    ),
    (r"Load them on their own with `fields=[^`]*`\.", "Leave that file out."),
    (
        r'or pass unknown="untagged"[^.]*\.',
        'or name a theme file of your own: `themes = "my-themes.toml"`.',
    ),
    (
        r"pass `default=`[^.]*?\.with_unweighted\(\.\.\.\)[^.]*\.",
        'or name a CSV file of weights of your own: `harm_scale = "my-weights.csv"`.',
    ),
    (
        r'e\.g\. offence_scheme="home_office"',
        'in a TOML file of the same name beside it: `offence_scheme = "home_office"`',
    ),
    (r"`([a-z_]+)=`", r"`\1 = ...`"),
    (r"`([a-z_]+)=([^`=]+)`", r"`\1 = \2`"),
)


@contextmanager
def in_words_of_a_file(file: str) -> Iterator[None]:
    """Turn errors of the library, which name its arguments, into the words of a product file."""
    try:
        yield
    except (InputError, DataError) as error:
        message = as_in_a_file(str(error))
        named = message if message.startswith(file) else f"{file}: {message}"
        raise DataError(named) from error


def as_in_a_file(message: str) -> str:
    """A message of the library in the words of a product file.

    Examples
    --------
    >>> as_in_a_file("zone ids repeat. Choose another column with `id_field=`.")
    'zone ids repeat. Choose another column with `id_field = ...`.'
    """
    for pattern, words in IN_WORDS_OF_A_FILE:
        message = re.sub(pattern, words, message)
    return message
