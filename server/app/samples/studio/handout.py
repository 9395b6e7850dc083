"""Writes the printed checklist: one A4 page of PDF 1.4 with the standard Helvetica fonts, without any PDF library.

Usage: handout.py OUT.pdf
"""

import sys
from pathlib import Path

PAGE_WIDTH, PAGE_HEIGHT = 595, 842
CHECKLIST = (
    ("At home", ("Recorder, with its clock set", "Closed headphones", "Furry wind shield", "Twice the batteries you think you need", "Card formatted, ten seconds recorded and heard", "This course downloaded: every lesson says \"kept\"")),
    ("Out there", ("Back to the wind, microphone low", "Loudest moment at -12 dB", "One full minute without moving", "Place, time and weather spoken at the end", "First and last ten seconds heard before leaving")),
    ("The same evening", ("Card copied twice", "One copy checked against the other", "Takes named: date, place, what is heard")),
)


def main() -> None:
    Path(sys.argv[1]).write_bytes(document(page()))


def page() -> str:
    """The page's drawing operators: heading, three lists with boxes, a rule and a footer."""
    operators = ["0.06 0.14 0.25 rg", _text("F2", 26, 56, 762, "Field recording: the checklist"), "0.35 0.40 0.47 rg", _text("F1", 11, 56, 740, "One page to print, or to keep offline beside the lesson \"Pack light\".")]
    y = 700
    for heading, items in CHECKLIST:
        operators += ["0.76 0.42 0.25 rg", _text("F2", 15, 56, y, heading), "0.06 0.14 0.25 rg 0.06 0.14 0.25 RG 0.9 w"]
        y -= 26
        for item in items:
            operators += [f"57 {y - 2} 11 11 re S", _text("F1", 12, 80, y, item)]
            y -= 24
        y -= 16
    operators += [f"0.8 w 0.76 0.42 0.25 RG 56 84 m {PAGE_WIDTH - 56} 84 l S", "0.35 0.40 0.47 rg", _text("F1", 9, 56, 66, "Field Recording - a sample course that comes with Stowaway.")]
    return "\n".join(operators) + "\n"


def document(content: str) -> bytes:
    """The file around a page: catalogue, page tree, page, fonts, contents, cross-reference table (ISO 32000-1, 7.5)."""
    stream = content.encode("latin-1")
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (en) >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAGE_WIDTH} {PAGE_HEIGHT}] /Contents 4 0 R /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>".encode(),
        b"<< /Length %d >>\nstream\n%sendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        b"<< /Title (Field recording: the checklist) /Author (Stowaway) >>",
    ]
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(bodies, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info 7 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, start)
    return bytes(out)


def _text(font: str, size: int, x: int, y: int, words: str) -> str:
    escaped = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /{font} {size} Tf {x} {y} Td ({escaped}) Tj ET"


if __name__ == "__main__":
    main()
