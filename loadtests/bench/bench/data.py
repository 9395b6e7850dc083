"""Makes the files that are served and published: random bytes, so that nothing compresses, repeats or is shared."""

import os
import random
import shutil
from pathlib import Path

MIB = 1 << 20
CHUNK_BYTES = 4 * MIB
# Sizes of a course and of a podcast, in rising order; publishing takes them until enough is there.
MIXED_MIB = [1, 2, 4, 8, 16, 24, 48, 96, 200, 400]


def write_random(path: Path, size: int) -> None:
    """Writes `size` random bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for offset in range(0, size, CHUNK_BYTES):
            file.write(os.urandom(min(CHUNK_BYTES, size - offset)))


def make_course(folder: Path, samples: Path, big_bytes: int) -> Path:
    """A folder with a lesson, one big attachment, and as many small ones as make a manifest of some 4 KiB. Returns the big file."""
    lesson = folder / "01-lesson.mp3"
    lesson.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(samples / "podcast/01-what-a-piece-is.mp3", lesson)
    for index in range(4):
        (folder / f"01-lesson.note-{index}.txt").write_text(f"Note {index}.\n", encoding="utf-8")
    big = folder / "big.dat"
    write_random(big, big_bytes)
    return big


def make_mixed(folder: Path, total_bytes: int, samples: Path) -> int:
    """Files of many sizes that add up to about `total_bytes`; returns what they add up to."""
    chosen, sizes = random.Random(1), []
    limit = [size * MIB for size in MIXED_MIB if size * MIB * 4 <= total_bytes] or [MIB]
    while sum(sizes) < total_bytes:
        sizes.append(min(chosen.choice(limit), total_bytes - sum(sizes)))
    for index, size in enumerate(sizes):
        write_random(folder / f"attachment-{index:04}.dat", size)
    lesson = folder / "01-lesson.mp3"
    shutil.copyfile(samples / "podcast/01-what-a-piece-is.mp3", lesson)
    return sum(sizes) + lesson.stat().st_size
