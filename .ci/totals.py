"""Reads a step's output and says how many test cases passed, failed and were skipped, by that runner's own count.

Usage: totals.py KIND LOG      prints "PASSED FAILED SKIPPED"; KIND is rust, vitest, plain or none
"""

import re
import sys
from pathlib import Path

ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def main() -> None:
    kind, log = sys.argv[1], Path(sys.argv[2])
    text = ESCAPES.sub("", log.read_text(encoding="utf-8", errors="replace"))
    readers = {"rust": read_rust, "vitest": read_vitest, "plain": read_plain, "none": lambda _: (0, 0, 0)}
    if kind not in readers:
        raise SystemExit(f"unknown kind {kind!r}: one of {', '.join(readers)}")
    print(*readers[kind](text))


def read_rust(text: str) -> tuple[int, int, int]:
    """nextest's summary lines and libtest's result lines (doc tests, or without nextest), added up."""
    passed = failed = skipped = 0
    for summary in re.findall(r"^\s*Summary \[.*?\] (.*)$", text, re.MULTILINE):
        passed += _number(r"(\d+) passed", summary)
        failed += _number(r"(\d+) failed", summary) + _number(r"(\d+) timed out", summary) + _number(r"(\d+) exec failed", summary)
        skipped += _number(r"(\d+) skipped", summary)
    for result in re.findall(r"^test result: .*$", text, re.MULTILINE):
        passed += _number(r"(\d+) passed", result)
        failed += _number(r"(\d+) failed", result)
        skipped += _number(r"(\d+) ignored", result)
    return passed, failed, skipped


def read_vitest(text: str) -> tuple[int, int, int]:
    """vitest's line of tests: `Tests  1 failed | 11 passed | 2 skipped (14)`; unhandled errors count as failures."""
    passed = failed = skipped = 0
    for line in re.findall(r"^\s*Tests {2,}(.*)$", text, re.MULTILINE):
        passed += _number(r"(\d+) passed", line)
        failed += _number(r"(\d+) failed", line)
        skipped += _number(r"(\d+) (?:skipped|todo)", line)
    errors = sum(int(count) for count in re.findall(r"^\s*Errors {2,}(\d+) error", text, re.MULTILINE))
    return passed, failed + errors, skipped


def read_plain(text: str) -> tuple[int, int, int]:
    """The last line of the form `N passed, N failed[, N skipped]`."""
    found = re.findall(r"^\s*(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$", text, re.MULTILINE)
    if not found:
        return 0, 0, 0
    passed, failed, skipped = found[-1]
    return int(passed), int(failed), int(skipped or 0)


def _number(pattern: str, text: str) -> int:
    match = re.search(pattern, text)
    return int(match.group(1)) if match else 0


if __name__ == "__main__":
    main()
