"""Turns the timing of a narration into WebVTT captions, a transcript with speakers, or JSON chapters.

Usage: captions.py captions TIMING.json OUT.vtt [TRANSLATION.txt] | transcript TIMING.json OUT.vtt | chapters TIMING.json OUT.json
A translation has one line a sentence, in the order of the narration.
"""

import json
import sys
import textwrap
from pathlib import Path

CAPTION_WIDTH_CHARACTERS = 44


def main() -> None:
    kind, timing, out = sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")), Path(sys.argv[3])
    if kind == "captions":
        text = captions(timing, _translation(timing, sys.argv[4:]))
    elif kind == "transcript":
        text = transcript(timing)
    elif kind == "chapters":
        text = chapters(timing)
    else:
        raise SystemExit(f"unknown kind {kind!r}: use captions, transcript or chapters")
    out.write_text(text, encoding="utf-8")


def captions(timing: dict, texts: list[str]) -> str:
    """WebVTT with one cue a sentence, at most CAPTION_WIDTH_CHARACTERS a line."""
    blocks = ["WEBVTT\n"]
    for number, (cue, text) in enumerate(zip(timing["cues"], texts, strict=True), start=1):
        blocks.append(f"{number}\n{_span(cue)}\n{textwrap.fill(text, CAPTION_WIDTH_CHARACTERS)}\n")
    return "\n".join(blocks)


def transcript(timing: dict) -> str:
    """WebVTT with a voice tag a cue, as podcast players show it."""
    blocks = ["WEBVTT\n"]
    blocks += [f"{_span(cue)}\n<v {cue['speaker']}>{cue['text']}</v>\n" for cue in timing["cues"]]
    return "\n".join(blocks)


def chapters(timing: dict) -> str:
    """The podcast namespace's JSON chapters, version 1.2.0."""
    listed = [{"startTime": chapter["start"], "title": chapter["title"]} for chapter in timing["chapters"]]
    return json.dumps({"version": "1.2.0", "title": timing["title"], "chapters": listed}, ensure_ascii=False, indent=2) + "\n"


def _translation(timing: dict, arguments: list[str]) -> list[str]:
    if not arguments:
        return [cue["text"] for cue in timing["cues"]]
    return Path(arguments[0]).read_text(encoding="utf-8").splitlines()


def _span(cue: dict) -> str:
    return f"{_clock(cue['start'])} --> {_clock(cue['end'])}"


def _clock(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    return f"{milliseconds // 3600000:02}:{milliseconds // 60000 % 60:02}:{milliseconds // 1000 % 60:02}.{milliseconds % 1000:03}"


if __name__ == "__main__":
    main()
