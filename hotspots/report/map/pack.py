r"""Long columns of the page's data in few bytes; the page's ``decode.js`` reads the same forms.

Each long list is written in the shortest of these forms, or as it is:

``{"all": value, "times": n}``
    one value all along;
``{"few": [...], "at": "AAB"}``
    a letter for each of a few values;
``{"first": n, "steps": [...]}``
    whole numbers as differences;
``{"ends": [...], "end": "ABA", "texts": "Mill\nThe\n..."}``
    texts, without the last words that many share;
``{"levels": {"of": [...]}, "codes": [...]}``
    the distinct texts of a column, by their place in the one list of words of the page.
"""

from __future__ import annotations

import json
import string
from collections import Counter
from itertools import accumulate, pairwise
from typing import Any

LONG = 20
LETTERS = string.ascii_uppercase + string.ascii_lowercase
_DUMP = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def packed(data: dict[str, Any]) -> dict[str, Any]:
    """The data with its long lists in their shortest forms; :func:`unpacked` reads them back."""
    words = sorted({text for column in _columns(data) for text in column["levels"]})
    place = {text: number for number, text in enumerate(words)}
    found: dict[str, Any] = _walk(data, place)
    return found | {"words": _texts(words)}


def unpacked(data: dict[str, Any]) -> dict[str, Any]:
    """What :func:`packed` was given: what the page's script reads back."""
    words = _opened(data["words"], [])
    found: dict[str, Any] = _opened({k: v for k, v in data.items() if k != "words"}, words)
    return found


def _columns(value: Any) -> list[dict[str, Any]]:
    """Every column of texts, however deep."""
    if isinstance(value, dict):
        if {"levels", "codes"} <= set(value):
            return [value]
        return [column for part in value.values() for column in _columns(part)]
    if isinstance(value, list) and value and isinstance(value[0], (dict, list)):
        return [column for part in value for column in _columns(part)]
    return []


def _walk(value: Any, place: dict[str, int]) -> Any:
    if isinstance(value, dict):
        if {"levels", "codes"} <= set(value):
            levels = [place[text] for text in value["levels"]]
            return {"levels": {"of": _shortest(levels)}, "codes": _shortest(value["codes"])}
        return {name: _walk(part, place) for name, part in value.items()}
    if not isinstance(value, list) or not value:
        return value
    if isinstance(value[0], (dict, list)):
        return [_walk(part, place) for part in value]
    return _shortest(value)


def _shortest(values: list[Any]) -> Any:
    if len(values) <= LONG:
        return values
    kinds = set(map(type, values))
    if all(issubclass(kind, str) for kind in kinds):
        return _texts(values)
    distinct = list(dict.fromkeys(values))
    if len(distinct) == 1 and values[0] is not True and values[0] is not False:
        return {"all": values[0], "times": len(values)}
    if any(issubclass(kind, (str, bool)) for kind in kinds):
        return values
    forms: list[Any] = [values]
    sizes = [len(_DUMP(values))]
    if len(distinct) <= len(LETTERS):
        letter = dict(zip(distinct, LETTERS, strict=False))
        at = "".join([letter[one] for one in values])
        forms.append({"few": distinct, "at": at})
        sizes.append(len(_DUMP({"few": distinct, "at": ""})) + len(at))
    if kinds == {int}:
        forms.append({"first": values[0], "steps": [b - a for a, b in pairwise(values)]})
        sizes.append(len(_DUMP(forms[-1])))
    return forms[sizes.index(min(sizes))]


def _texts(values: list[str]) -> Any:
    """Texts without the last words that many of them share, one a line."""
    if len(values) <= LONG or any("\n" in text for text in values):
        return values
    last = Counter(text.rpartition(" ")[2] for text in values if text[-1:].strip() and " " in text)
    ends = [word for word, held in last.most_common(len(LETTERS) - 1) if held > 1]
    letter = {word: LETTERS[number] for number, word in enumerate(ends, start=1)}
    cut = [text.rpartition(" ") for text in values]
    code = [letter.get(word, LETTERS[0]) if space else LETTERS[0] for _, space, word in cut]
    lines = [
        text if mark == LETTERS[0] else head
        for text, mark, (head, _, _) in zip(values, code, cut, strict=True)
    ]
    form = {"ends": ["", *ends], "end": "".join(code), "texts": "\n".join(lines)}
    return min([values, form], key=lambda one: len(_DUMP(one)))


def _opened(value: Any, words: list[str]) -> Any:
    if isinstance(value, list):
        nested = value and isinstance(value[0], (dict, list))
        return [_opened(part, words) for part in value] if nested else value
    if not isinstance(value, dict):
        return value
    if "times" in value:
        return [value["all"]] * value["times"]
    if "few" in value:
        return [value["few"][LETTERS.index(letter)] for letter in value["at"]]
    if "steps" in value:
        return list(accumulate([value["first"], *value["steps"]]))
    if "texts" in value:
        ends = [value["ends"][LETTERS.index(letter)] for letter in value["end"]]
        pairs = zip(value["texts"].split("\n"), ends, strict=True)
        return [f"{head} {end}" if end else head for head, end in pairs]
    if "of" in value:
        return [words[number] for number in _opened(value["of"], words)]
    return {name: _opened(part, words) for name, part in value.items()}
