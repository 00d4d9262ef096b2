"""What is refused is told by rule and argument; its words are free to be mended."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from hotspots.core.errors import HotspotsError, InputError


@contextmanager
def refused(
    rule: str,
    *got: str,
    kind: type[HotspotsError] = InputError,
    of: str | None = None,
    file: str | None = None,
) -> Iterator[pytest.ExceptionInfo[HotspotsError]]:
    """The block raises an error of this rule, about this argument or file, and tells what came."""
    with pytest.raises(kind) as error:
        yield error
    held = [found for found in error.value.findings if found.rule == rule]
    rules = [found.rule for found in error.value.findings]
    assert held, f"{rule} was expected; got {rules}: {error.value}"
    assert of is None or of in [found.argument for found in held], str(error.value)
    assert file is None or any(str(found.file).endswith(file) for found in held), str(error.value)
    assert all(text in "\n".join(map(str, held)) for text in got), str(error.value)
