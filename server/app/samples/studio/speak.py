"""Speaks a narration with espeak-ng, sentence by sentence, so that every caption knows its exact time.

Usage: speak.py NARRATION.txt OUT.wav OUT.json
Writes the speech (16 bit mono, 22,050 Hz) and the timing: title, line, duration, chapters and cues in seconds.
"""

import json
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

from narration import Narration, load_narration

RATE_HZ = 22050
WORDS_PER_MINUTE = "150"
LEAD_IN_SECONDS = 1.0
BETWEEN_SENTENCES_SECONDS = 0.45
BETWEEN_CHAPTERS_SECONDS = 1.0
LEAD_OUT_SECONDS = 1.5


def main() -> None:
    source, speech, timing = (Path(argument) for argument in sys.argv[1:4])
    narration = load_narration(source)
    samples, cues = _speak_all(narration)
    with wave.open(str(speech), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE_HZ)
        out.writeframes(samples)
    starts = [min(cue["start"] for cue in cues if cue["chapter"] == number) for number in range(len(narration.chapters))]
    chapters = [{"title": title, "start": 0.0 if number == 0 else round(starts[number] - 0.5, 3)} for number, title in enumerate(narration.chapters)]
    duration = len(samples) / 2 / RATE_HZ
    document = {"title": narration.title, "line": narration.line, "duration": round(duration, 3), "chapters": chapters, "cues": cues}
    timing.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")


def _speak_all(narration: Narration) -> tuple[bytes, list[dict]]:
    samples = bytearray(_silence(LEAD_IN_SECONDS))
    cues = []
    for sentence in narration.sentences:
        if cues:
            new_chapter = cues[-1]["chapter"] != sentence.chapter
            samples += _silence(BETWEEN_CHAPTERS_SECONDS if new_chapter else BETWEEN_SENTENCES_SECONDS)
        start = len(samples) / 2 / RATE_HZ
        samples += _speak(narration.voices[sentence.speaker], sentence.text)
        end = len(samples) / 2 / RATE_HZ
        cues.append({"start": round(start, 3), "end": round(end, 3), "speaker": sentence.speaker, "text": sentence.text, "chapter": sentence.chapter})
    return bytes(samples + _silence(LEAD_OUT_SECONDS)), cues


def _speak(voice: str, text: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/sentence.wav"
        subprocess.run(["espeak-ng", "-v", voice, "-s", WORDS_PER_MINUTE, "-w", path, text], check=True)
        with wave.open(path, "rb") as spoken:
            if (spoken.getframerate(), spoken.getnchannels(), spoken.getsampwidth()) != (RATE_HZ, 1, 2):
                raise SystemExit(f"espeak-ng speaks {voice} in an unexpected format: expected 16 bit mono at {RATE_HZ} Hz")
            return spoken.readframes(spoken.getnframes())


def _silence(seconds: float) -> bytes:
    return b"\0\0" * int(seconds * RATE_HZ)


if __name__ == "__main__":
    main()
