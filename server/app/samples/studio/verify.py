"""Verifies the built samples: time code in the pictures, proof tone in the sound, cues inside the duration, total size.

Usage: verify.py FOLDER…      Prints one line a file and exits 1 when anything is not as samples/README.md says.
"""

import array
import json
import math
import re
import subprocess
import sys
from pathlib import Path

SAMPLES_PER_SECOND = 44100
BLOCK_WIDTH, BLOCKS, STRIP_MIDDLE_ROW, PICTURE_WIDTH, PICTURE_HEIGHT = 80, 8, 352, 640, 360
STEP_SECONDS, TONES_HZ = 2, [400 + 50 * step for step in range(20)]
LEAST_MARGIN_DECIBEL = 6.0
LARGEST_TOTAL_BYTES = 6_000_000


def main() -> None:
    files = sorted(path for folder in sys.argv[1:] for path in Path(folder).rglob("*") if path.is_file())
    faults = []
    for path in files:
        if path.suffix in (".mp4", ".m4a", ".mp3"):
            faults += verify_media(path)
        elif path.suffix == ".vtt":
            faults += verify_cues(path)
        elif path.name.endswith(".chapters.json"):
            faults += verify_chapters(path)
    total = sum(path.stat().st_size for path in files)
    if total >= LARGEST_TOTAL_BYTES:
        faults.append(f"{total} bytes in all: at most {LARGEST_TOTAL_BYTES} are allowed")
    for fault in faults:
        print(f"FAULT {fault}", file=sys.stderr)
    print(f"{len(files)} files, {total} bytes, {len(faults)} faults")
    sys.exit(1 if faults else 0)


def verify_media(path: Path) -> list[str]:
    """Time code at every second (video), strongest proof tone in every step (all)."""
    seconds = duration(path)
    faults = []
    if path.suffix == ".mp4":
        shown = time_codes(path)
        faults += [f"{path}: second {second} shows {code}" for second, code in enumerate(shown) if code != second]
        if len(shown) < int(seconds):
            faults.append(f"{path}: {len(shown)} time codes for {seconds} s")
    sound = samples(path)
    worst = math.inf
    for step in range(int(seconds) // STEP_SECONDS):
        tone, margin = strongest_tone(sound, step * STEP_SECONDS + 0.4, 1.2)
        worst = min(worst, margin)
        if tone != TONES_HZ[step % len(TONES_HZ)] or margin < LEAST_MARGIN_DECIBEL:
            faults.append(f"{path}: step {step} has {tone} Hz by {margin:.1f} dB")
    print(f"{path}: {seconds:.2f} s, {path.stat().st_size} bytes, weakest tone margin {worst:.1f} dB")
    return faults


def duration(path: Path) -> float:
    command = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(path)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def time_codes(path: Path) -> list[int]:
    """The number shown by the frame in the middle of each second."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", "select='eq(mod(n,15),7)',format=gray", "-fps_mode", "passthrough", "-f", "rawvideo", "-"]
    raw = subprocess.run(command, check=True, capture_output=True).stdout
    frame = PICTURE_WIDTH * PICTURE_HEIGHT
    codes = []
    for start in range(0, len(raw), frame):
        row = raw[start + STRIP_MIDDLE_ROW * PICTURE_WIDTH : start + (STRIP_MIDDLE_ROW + 1) * PICTURE_WIDTH]
        bits = [row[block * BLOCK_WIDTH + BLOCK_WIDTH // 2] > 127 for block in range(BLOCKS)]
        codes.append(sum(bit << (BLOCKS - 1 - block) for block, bit in enumerate(bits)))
    return codes


def samples(path: Path) -> array.array:
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a", "-ac", "1", "-ar", str(SAMPLES_PER_SECOND), "-f", "f32le", "-"]
    return array.array("f", subprocess.run(command, check=True, capture_output=True).stdout)


def strongest_tone(sound: array.array, start_seconds: float, length_seconds: float) -> tuple[int, float]:
    """The proof tone with the most energy in a slice (Goertzel, Hann window), and its lead over the next in dB."""
    first = int(start_seconds * SAMPLES_PER_SECOND)
    count = int(length_seconds * SAMPLES_PER_SECOND)
    piece = sound[first : first + count]
    window = [value * (0.5 - 0.5 * math.cos(2 * math.pi * n / len(piece))) for n, value in enumerate(piece)]
    powers = sorted(((goertzel(window, tone), tone) for tone in TONES_HZ), reverse=True)
    return powers[0][1], 10 * math.log10(powers[0][0] / max(powers[1][0], 1e-12))


def goertzel(values: list[float], frequency_hz: float) -> float:
    coefficient = 2 * math.cos(2 * math.pi * frequency_hz / SAMPLES_PER_SECOND)
    previous = before = 0.0
    for value in values:
        previous, before = value + coefficient * previous - before, previous
    return previous * previous + before * before - coefficient * previous * before


def verify_cues(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    stem = path.name.split(".")[0]
    media = next(candidate for suffix in (".mp4", ".m4a", ".mp3") if (candidate := path.with_name(stem + suffix)).exists())
    ends = [int(h) * 3600 + int(m) * 60 + float(s) for h, m, s in re.findall(r"--> (\d\d):(\d\d):(\d\d\.\d{3})", text)]
    if not text.startswith("WEBVTT") or not ends or ends != sorted(ends) or ends[-1] > duration(media):
        return [f"{path}: not WebVTT, or its cues leave {media.name}"]
    return []


def verify_chapters(path: Path) -> list[str]:
    document = json.loads(path.read_text(encoding="utf-8"))
    starts = [chapter["startTime"] for chapter in document["chapters"]]
    return [] if document["version"] == "1.2.0" and starts == sorted(starts) and starts[0] == 0 else [f"{path}: not JSON chapters 1.2.0 in order from 0"]


if __name__ == "__main__":
    main()
