"""Draws covers and slides as SVG (ffmpeg renders them): ridges like sound waves for the course, broken rings for the show.

Usage: artwork.py course-cover OUT.svg | show-cover OUT.svg | slide TIMING.json CHAPTER OUT.svg | poster TIMING.json OUT.svg
A slide leaves the middle right free for the moving waveform, and the lowest 16 rows for the time code strip.
"""

import json
import math
import sys
from pathlib import Path
from xml.sax.saxutils import escape

FONT = "Inter, 'DejaVu Sans', sans-serif"
DISPLAY = "'Inter Display', Inter, 'DejaVu Sans', sans-serif"
SKY = ("#10243f", "#27506b", "#e8a87c", "#f6d7a7")
RIDGES = ("#35607a", "#264a63", "#18354d", "#0d2236")


def main() -> None:
    kind, arguments, out = sys.argv[1], sys.argv[2:-1], Path(sys.argv[-1])
    if kind == "course-cover":
        svg = course_cover()
    elif kind == "show-cover":
        svg = show_cover()
    elif kind == "slide":
        timing = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
        svg = slide(timing["line"], timing["title"], timing["chapters"][int(arguments[1])]["title"])
    elif kind == "poster":
        timing = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
        svg = poster(timing["line"], timing["title"])
    else:
        raise SystemExit(f"unknown kind {kind!r}: use course-cover, show-cover, slide or poster")
    out.write_text(svg, encoding="utf-8")


def course_cover() -> str:
    """A dusk landscape, 1400 by 1400, whose ridges are waveforms."""
    body = [_sky(1400, 1400), '<circle cx="1000" cy="690" r="150" fill="#fbe9c6" opacity="0.95"/>']
    body += [f'<circle cx="1000" cy="690" r="{r}" fill="none" stroke="#fbe9c6" stroke-width="3" opacity="{o}"/>' for r, o in ((220, 0.38), (300, 0.24), (390, 0.13), (490, 0.07))]
    body += [_ridge(1400, 1400, 800 + 140 * n, 62 - 6 * n, 0.5 + 1.7 * n, color) for n, color in enumerate(RIDGES)]
    body += [_bars(110, 1210, 1180, 88, 59, "#f6d7a7")]
    body += [_text(110, 260, 128, "Field", "#fff8ea", 700, DISPLAY), _text(110, 395, 128, "Recording", "#fff8ea", 700, DISPLAY)]
    body += [_text(114, 470, 40, "A short course for places without a network", "#f6d7a7", 400)]
    return _document(1400, 1400, body)


def show_cover() -> str:
    """Rings of a signal, 1400 by 1400, that break into pieces as they leave the centre."""
    body = ['<defs><radialGradient id="night" cx="0.5" cy="0.4" r="0.85"><stop offset="0" stop-color="#4a2a6b"/><stop offset="0.55" stop-color="#221540"/><stop offset="1" stop-color="#0e0a20"/></radialGradient></defs>', '<rect width="1400" height="1400" fill="url(#night)"/>']
    for ring in range(7):
        radius = 110 + 60 * ring
        gap = 4 + 11 * ring
        dash = max(26, 2 * math.pi * radius / (6 + 2 * ring) - gap)
        body.append(f'<circle cx="700" cy="540" r="{radius}" fill="none" stroke="#ff8f70" stroke-width="{26 - 2 * ring}" stroke-linecap="round" stroke-dasharray="{dash:.1f} {gap + 24:.1f}" opacity="{0.95 - 0.115 * ring:.3f}" transform="rotate({ring * 31} 700 540)"/>')
    body += ['<circle cx="700" cy="540" r="46" fill="#ffd9a0"/>']
    body += [_text(700, 1190, 150, "Signal Lost", "#fff3e2", 700, DISPLAY, "middle")]
    body += [_text(700, 1280, 42, "Things that keep working without a network", "#ffb597", 400, FONT, "middle")]
    return _document(1400, 1400, body)


def slide(line: str, title: str, chapter: str) -> str:
    """One chapter's background, 640 by 360."""
    body = [_sky(640, 360), _ridge(640, 360, 236, 17, 0.4, RIDGES[1]), _ridge(640, 360, 268, 14, 2.1, RIDGES[2]), _ridge(640, 360, 300, 11, 3.9, RIDGES[3])]
    body += ['<rect width="640" height="360" fill="#0d2236" opacity="0.28"/>', '<rect y="344" width="640" height="16" fill="#000000"/>']
    body += [_text(40, 58, 13, line, "#f6d7a7", 500), _text(40, 104, 34, title, "#fff8ea", 700, DISPLAY), _text(40, 136, 18, chapter, "#fff8ea", 400)]
    return _document(640, 360, body)


def poster(line: str, title: str) -> str:
    """A lesson's still, 640 by 360, without a time code."""
    body = [_sky(640, 360), '<circle cx="500" cy="150" r="44" fill="#fbe9c6" opacity="0.95"/>']
    body += [f'<circle cx="500" cy="150" r="{r}" fill="none" stroke="#fbe9c6" stroke-width="1.5" opacity="{o}"/>' for r, o in ((66, 0.4), (92, 0.25), (122, 0.14))]
    body += [_ridge(640, 360, 215 + 40 * n, 18 - 2 * n, len(title) + 1.7 * n, color) for n, color in enumerate(RIDGES)]
    body += [_text(40, 290, 14, line, "#f6d7a7", 500), _text(40, 330, 38, title, "#fff8ea", 700, DISPLAY)]
    return _document(640, 360, body)


def _sky(width: int, height: int) -> str:
    stops = "".join(f'<stop offset="{offset}" stop-color="{color}"/>' for offset, color in zip((0, 0.3, 0.56, 0.7), SKY, strict=True))
    return f'<defs><linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">{stops}</linearGradient></defs><rect width="{width}" height="{height}" fill="url(#sky)"/>'


def _ridge(width: int, height: int, base: float, amplitude: float, phase: float, color: str) -> str:
    points = []
    for step in range(141):
        turn = step / 140 * 2 * math.pi
        wave = 0.55 * math.sin(1.5 * turn + phase) + 0.3 * math.sin(3.7 * turn + 2 * phase) + 0.15 * math.sin(9.1 * turn + 3 * phase)
        points.append(f"{step / 140 * width:.1f},{base - amplitude * wave:.1f}")
    return f'<polygon points="0,{height} {" ".join(points)} {width},{height}" fill="{color}"/>'


def _bars(left: float, middle: float, width: float, height: float, count: int, color: str) -> str:
    bars = []
    for number in range(count):
        place = number / (count - 1)
        envelope = math.sin(math.pi * place) ** 0.8 * (0.35 + 0.65 * abs(math.sin(7.3 * place * math.pi) * math.cos(17.9 * place)))
        half = max(3.0, height * envelope)
        bars.append(f'<rect x="{left + place * (width - 8):.1f}" y="{middle - half:.1f}" width="8" height="{2 * half:.1f}" rx="4"/>')
    return f'<g fill="{color}" opacity="0.9">{"".join(bars)}</g>'


def _text(x: float, y: float, size: float, words: str, color: str, weight: int, family: str = FONT, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" font-family="{family}" font-size="{size}" font-weight="{weight}" fill="{color}" text-anchor="{anchor}">{escape(words)}</text>'


def _document(width: int, height: int, body: list[str]) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">{"".join(body)}</svg>\n'


if __name__ == "__main__":
    main()
