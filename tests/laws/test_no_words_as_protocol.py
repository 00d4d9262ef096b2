"""Law: nothing is decided by matching our own sentences; codes travel, words are only said.

A sentence is whatever a variable, an attribute or a column of these names holds, and an error or a
finding as text. Looking into one breaks on the day somebody mends its English, or translates it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import hotspots

ROOM = Path(hotspots.__file__).parent
SENTENCES = frozenset(
    [
        "message",
        "messages",
        "mend",
        "note",
        "notes",
        "caveat",
        "caveats",
        "caveat_texts",
        "caution",
        "cautions",
        "sentence",
        "sentences",
        "disclosure",
        "reason",
        "reasons",
        "why",
        "evidence",
        "cannot_say",
        "told",
        "said",
        "remark",
        "hint",
        "args",
        "period_words",
    ]
)
SAID_AS_TEXT = frozenset(
    ["error", "errors", "exception", "fault", "faults", "finding", "found", "caveat", "caution"]
)
PATTERNS = frozenset(["match", "search", "fullmatch", "sub", "findall", "finditer"])
CUTS = frozenset(
    [
        *("finditer", "rindex"),
        "startswith",
        "endswith",
        "find",
        "rfind",
        "partition",
        "rpartition",
        "split",
        "rsplit",
        "splitlines",
        "removeprefix",
        "removesuffix",
        "match",
        "search",
        "fullmatch",
        "sub",
        "findall",
        "contains",
        "extract",
        "isin",
        "map",
    ]
)
MAKERS = frozenset(["to_sentence", "to_text", "through", "describe"])
PASSES_ON = frozenset(["lower", "casefold", "upper", "strip", "rstrip", "lstrip", "str"])
ALLOWED = {
    (
        "core/text/doors.py",
        "marks_of",
    ): "the one reader of marks in templates, which every door says",
    ("report/first_edition.py", "status_of"): "the one reader of what was written in words",
    ("report/first_edition.py", "caveat_of"): "the one reader of what was written in words",
    ("io/guard.py", "reason_of"): "the words of readers, which have no codes",
    ("io/read_vector.py", "_rows_of"): "the words of GDAL, whose warnings have no codes",
    ("report/first_edition.py", "sentence_of"): "the one reader of what was written in words",
}


def modules() -> list[Path]:
    return sorted(ROOM.rglob("*.py"))


@pytest.fixture(scope="module")
def found():
    """Module, line, text and function of every place of the package that looks into a sentence."""
    return [
        (path.relative_to(ROOM).as_posix(), *match)
        for path in modules()
        for match in matches(path.read_text(encoding="utf-8"))
    ]


def test_no_room_looks_into_a_sentence(found):
    seen = [
        f"{path}:{line} {source}"
        for path, line, source, function in found
        if (path, function) not in ALLOWED
    ]
    assert not seen, "\n".join(seen)


def test_every_exception_is_still_needed(found):
    assert set(ALLOWED) <= {(path, function) for path, _, _, function in found}


@pytest.mark.parametrize(
    "line",
    [
        'if row.note.startswith("measured"): pass',
        'if "one event" in reason: pass',
        'if table["disclosure"].str.contains("withheld").any(): pass',
        'kept = table[table["disclosure"] == "as it is"]',
        'first, _, rest = str(error).partition(": ")',
        "found = re.search(pattern, str(finding))",
        "if line not in sentence: pass",
        "if FIGURE.search(caveat): pass",
        "if re.compile(words).fullmatch(str(error)): pass",
        "if found.to_sentence().startswith('None'): pass",
        "if error.args[0].startswith('measured'): pass",
        "if sentence[:4] == 'None': pass",
        "if f'{finding}'.startswith('one event'): pass",
        "if ' to ' in row['note']: pass",
        "if ' to ' in period_words: pass",
        "match caveat:\n        case 'withheld': pass",
        "if (said := note).startswith('a'): pass",
        "if notes[0].startswith('a'): pass",
        "if sentence in {'None.', 'One.'}: pass",
        "if caveat.lower().endswith('withheld'): pass",
    ],
)
def test_the_ways_to_look_into_a_sentence_are_seen(line):
    assert list(matches(f"def decide():\n    {line}\n"))


@pytest.mark.parametrize(
    "line",
    [
        'if rule == "one-event": pass',
        'words = f"{sentence}."',
        "parts = [part if part.endswith('.') else f'{part}.' for part in notes]",
        'if sentence.endswith("."): pass',
        "if caveat not in record.caveats: pass",
        "if FIGURE.search(name): pass",
        "parts = [sentence for sentence in found if sentence]",
        "first = sentences[0]",
    ],
)
def test_saying_a_sentence_is_no_match(line):
    assert not list(matches(f"def say():\n    {line}\n"))


def matches(source: str) -> Iterator[tuple[int, str, str]]:
    """Line, text and function of every place that looks into a sentence."""
    tree = ast.parse(source)
    for function, node in with_function(tree, ""):
        if looks_into(node):
            yield node.lineno, ast.unparse(node)[:90], function


def with_function(node: ast.AST, function: str) -> Iterator[tuple[str, ast.AST]]:
    for child in ast.iter_child_nodes(node):
        name = child.name if isinstance(child, ast.FunctionDef) else function
        yield name, child
        yield from with_function(child, name)


def looks_into(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        ends = node.func.attr == "endswith" and is_punctuation(node.args)
        if node.func.attr not in CUTS or ends:
            return False
        given = node.args if node.func.attr in PATTERNS else []
        return any(map(is_sentence, [node.func.value, *given]))
    if isinstance(node, ast.Match):
        return is_sentence(node.subject)
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        if any(isinstance(how, (ast.In, ast.NotIn)) for how in node.ops):
            among = is_one_sentence(sides[0]) and holds_words(sides[-1])
            looked = is_one_sentence(sides[-1]) and name_of(sides[-1]) not in ("told", "said")
            return looked or among
        same = any(isinstance(how, (ast.Eq, ast.NotEq)) for how in node.ops)
        return same and any(map(is_sentence, sides)) and any(map(is_words, sides))
    return False


def is_punctuation(arguments: list[ast.expr]) -> bool:
    values = [one.value for one in arguments if isinstance(one, ast.Constant)]
    texts = [value for value in values if isinstance(value, str)]
    return len(texts) == len(arguments) > 0 and not any(map(str.isalnum, "".join(texts)))


def is_words(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and bool(node.value)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Name) and node.id.isupper())


def holds_words(node: ast.expr) -> bool:
    """A list written out, of texts."""
    several = isinstance(node, (ast.Set, ast.List, ast.Tuple))
    return several and any(map(is_words, node.elts))


def is_one_sentence(node: ast.expr) -> bool:
    """A sentence, not a list of them: what stands in a list is compared whole."""
    name = name_of(node)
    return is_sentence(node) and not (name and name.endswith("s") and name != "period_words")


def is_sentence(node: ast.expr) -> bool:
    if isinstance(node, ast.NamedExpr):
        return is_sentence(node.value)
    if isinstance(node, ast.JoinedStr):
        held = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
        return len(held) == len(node.values) == 1 and name_of(held[0]) in SAID_AS_TEXT | SENTENCES
    if isinstance(node, ast.Subscript) and not is_key(node.slice):
        return is_sentence(node.value)
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in MAKERS:
            return True
        if isinstance(node.func, ast.Name) and node.func.id == "str" and node.args:
            return name_of(node.args[0]) in SAID_AS_TEXT | SENTENCES
        if isinstance(node.func, ast.Attribute) and node.func.attr in PASSES_ON:
            return is_sentence(node.func.value)
        return False
    if isinstance(node, ast.Attribute) and node.attr in PASSES_ON:
        return is_sentence(node.value)
    return name_of(node) in SENTENCES


def is_key(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def name_of(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    return None
