"""Reads narration files: who says what, in which chapter.

Format: `key: value` lines (title, line, `voice` or `voice NAME`), then `# Chapter` headings and one
sentence a line; with several voices a sentence begins with `NAME: `. Files themselves are never written here.
"""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Sentence:
    """One sentence as it is spoken: its speaker ("" with a single voice), words and chapter number."""

    speaker: str
    text: str
    chapter: int


@dataclass
class Narration:
    """A whole lesson or episode."""

    title: str = ""
    line: str = ""
    voices: dict[str, str] = field(default_factory=dict)
    chapters: list[str] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)


def load_narration(path: Path) -> Narration:
    """Parses one narration file; raises ValueError naming the line that makes no sense."""
    narration = Narration()
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        text = raw.strip()
        if not text:
            continue
        if text.startswith("# "):
            narration.chapters.append(text[2:])
        elif narration.chapters:
            narration.sentences.append(_sentence(narration, text))
        elif not _header(narration, text):
            raise ValueError(f"{path}:{number}: neither a header nor a sentence: {text!r}")
    return narration


def _header(narration: Narration, text: str) -> bool:
    key, separator, value = text.partition(": ")
    if key in ("title", "line"):
        setattr(narration, key, value)
    elif key.split()[0] == "voice":
        narration.voices[key.removeprefix("voice").strip()] = value
    else:
        return False
    return bool(separator)


def _sentence(narration: Narration, text: str) -> Sentence:
    speaker, separator, words = text.partition(": ")
    if separator and speaker in narration.voices:
        return Sentence(speaker, words, len(narration.chapters) - 1)
    return Sentence("", text, len(narration.chapters) - 1)
