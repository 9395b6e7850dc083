"""Draws figures as SVG: readable in light and in dark, and on a phone."""

import math
from html import escape

WIDTH = 360
# Text of 12 on 360 is text of 12 on a phone.
STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #24292f } .quiet { fill: #57606a } .title { font-weight: 600; font-size: 13px }
  .label { paint-order: stroke; stroke: #ffffff; stroke-width: 4px }
  .axis { stroke: #8c959f; stroke-width: 1 } .grid { stroke: #d0d7de; stroke-width: 1 } .one { stroke: #24292f; stroke-width: 1.5; stroke-dasharray: 4 3 }
  .good { fill: #1a7f37 } .short { fill: #bc4c00 } .spread { stroke: #24292f; stroke-width: 1.5 } .aim { stroke: #0969da; stroke-width: 2 }
  .line { fill: none; stroke-width: 2 } .c0 { stroke: #0969da; fill: #0969da } .c1 { stroke: #bc4c00; fill: #bc4c00 } .c2 { stroke: #1a7f37; fill: #1a7f37 } .c3 { stroke: #8250df; fill: #8250df }
  .line.c0, .line.c1, .line.c2, .line.c3 { fill: none } rect.ground { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .quiet { fill: #9198a1 } .label { stroke: #0d1117 } .grid { stroke: #30363d } .axis { stroke: #656c76 } .one { stroke: #e6edf3 } rect.ground { fill: #0d1117 }
    .good { fill: #3fb950 } .short { fill: #db6d28 } .spread { stroke: #e6edf3 } .aim { stroke: #4493f8 }
    .c0 { stroke: #4493f8; fill: #4493f8 } .c1 { stroke: #db6d28; fill: #db6d28 } .c2 { stroke: #3fb950; fill: #3fb950 } .c3 { stroke: #ab7df8; fill: #ab7df8 }
  }
"""


def svg(title: str, height: float, body: list[str]) -> str:
    """A picture with its name for those who cannot see it."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" role="img" aria-label="{escape(title)}">'
    return "\n".join([head, f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>", f'<rect class="ground" width="{WIDTH}" height="{height:g}"/>', *body, "</svg>", ""])


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text x="{x:g}" y="{y:g}" class="{kind}" text-anchor="{anchor}">{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" class="{kind}"/>'


def ratios(title: str, subtitle: str, rows: list[dict]) -> str:
    """A bar a row from 0 to its median, with its spread, the target and the line of 1; longer is better."""
    left, right, top, step = 16, WIDTH - 44, 58, 40
    most = max(1.5, *(max(row["ratio"]["high"], row["aim"]) for row in rows))
    at = lambda value: left + (right - left) * value / most  # noqa: E731
    height = top + step * len(rows) + 26
    body = [text(left, 20, title, "title"), text(left, 37, subtitle, "quiet")]
    for tick in [value for value in (0, 0.5, 1, 1.5, 2, 3, 4, 6, 8) if value <= most and (most <= 3 or value != 0.5 and value != 1.5)]:
        body += [line(at(tick), top - 8, at(tick), height - 22, "one" if tick == 1 else "grid"), text(at(tick), height - 7, f"{tick:g}×", "quiet", "middle")]
    for index, row in enumerate(rows):
        y = top + step * index
        ratio, kind = row["ratio"], "good" if row["ratio"]["median"] >= row["least"] else "short"
        body.append(text(left, y + 8, f"{row['id']} {row['title']}", "label"))
        body.append(f'<rect x="{left}" y="{y + 13:g}" width="{at(ratio["median"]) - left:g}" height="14" class="{kind}" rx="2"/>')
        body.append(line(at(ratio["low"]), y + 20, at(ratio["high"]), y + 20, "spread"))
        body.append(line(at(row["least"]), y + 10, at(row["least"]), y + 30, "aim"))
        body.append(text(WIDTH - 6, y + 25, f"{ratio['median']:.2f}", "", "end"))
    return svg(f"{title}: " + ", ".join(f"{row['id']} {row['ratio']['median']:.2f}" for row in rows), height, body)


def curve(title: str, x_name: str, y_name: str, series: list[dict]) -> str:
    """Lines over a logarithmic x; y begins at 0."""
    left, right, top, bottom = 48, WIDTH - 30, 58, 226
    points = [point for one in series for point in one["points"]]
    low, high = math.log10(min(x for x, _ in points)), math.log10(max(x for x, _ in points))
    most = nice(max(y for _, y in points))
    at_x = lambda x: left + (right - left) * (math.log10(x) - low) / ((high - low) or 1)  # noqa: E731
    at_y = lambda y: bottom - (bottom - top) * y / most  # noqa: E731
    body = [text(12, 20, title, "title"), text(12, 37, y_name, "quiet")]
    for part in range(5):
        y = most * part / 4
        body += [line(left, at_y(y), right, at_y(y), "axis" if part == 0 else "grid"), text(left - 6, at_y(y) + 4, f"{y:g}", "quiet", "end")]
    for power in range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1):
        body += [line(at_x(10**power), bottom, at_x(10**power), bottom + 4, "axis"), text(at_x(10**power), bottom + 18, f"{10**power:,}", "quiet", "middle")]
    body.append(text(right, bottom + 36, x_name, "quiet", "end"))
    for index, one in enumerate(series):
        kind = f"c{index % 4}"
        path = " ".join(f"{'L' if number else 'M'}{at_x(x):.1f} {at_y(y):.1f}" for number, (x, y) in enumerate(sorted(one["points"])))
        body.append(f'<path d="{path}" class="line {kind}"/>')
        body += [f'<circle cx="{at_x(x):.1f}" cy="{at_y(y):.1f}" r="3" class="{kind}"/>' for x, y in one["points"]]
        y = bottom + 56 + 18 * index
        body += [f'<circle cx="18" cy="{y - 4:g}" r="4" class="{kind}"/>', text(28, y, one["name"])]
    return svg(title, bottom + 66 + 18 * (len(series) - 1), body)


def nice(value: float) -> float:
    """The next of 1, 2, 4, 5 or 8 times a power of ten, so that quarters are round."""
    if value <= 0:
        return 1
    power = 10 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 5, 8, 10) if step * power >= value)
