"""Write what every sample result says now into the golden file, for a reworded sentence.

    python scripts/write_golden_sentences.py

Read the difference before it is committed: each line of it is a sentence that people will read.
"""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "tests" / "report" / "text" / "golden_sentences.json"

sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "helpers")]


def main() -> None:
    """Write the file."""
    from analysis_samples import analysis_sentences
    from programme_samples import programme_sentences
    from report_samples import report_sentences

    said = dict([*analysis_sentences(), *programme_sentences(), *report_sentences()])
    text = json.dumps(said, indent=1, ensure_ascii=False)
    GOLDEN.write_text(f"{text}\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
