"""What the samples of the report say; the words themselves stand in ``golden_sentences.json``."""

import pytest
from report_samples import report_sentences


@pytest.fixture(scope="session")
def said():
    """The sentence of every sample, by name."""
    return dict(report_sentences())
