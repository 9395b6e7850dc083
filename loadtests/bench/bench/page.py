"""Writes the table of figures into docs/performance.md, between two marks; the words around it are written by hand."""

from pathlib import Path

BEGIN, END = "<!-- figures: written by make bench -->", "<!-- end of figures -->"


def update(page: Path, figures: str) -> None:
    """Replaces what stands between the marks."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise SystemExit(f"{page} lacks the marks {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n{figures}\n{END}{after}", encoding="utf-8")


def figures(result: dict, pictures: dict[str, str]) -> str:
    """Everything that was measured, as Markdown; `pictures` are titles and file names relative to the page."""
    machine, software, settings = result["machine"], result["software"], result["settings"]
    parts = [
        f"Measured {result['date']} on {machine['cores']} cores ({machine['processor']}), {machine['memory_gib']} GiB, Linux {machine['kernel']}; {machine['network']}; load by others before: {machine['load_before']:g}. "
        f"nginx {software['nginx']}; Stowaway {software['stowaway']}, {software['profile']}. {settings['rounds']} rounds of {settings['seconds']:g} s, a file of {settings['big_bytes'] >> 20} MiB, "
        f"a manifest of {settings['manifest_bytes']:,} bytes. Every byte of {settings['verified_bytes'] >> 20} MiB was compared with the file first."
    ]
    parts += [f"![{title}]({name})" for title, name in pictures.items()]
    if result["workloads"]:
        parts.append("\n".join(table(result["workloads"])))
    if result.get("publish"):
        parts.append(published(result["publish"], machine["cores"]))
    return "\n\n".join(parts)


def table(rows: list[dict]) -> list[str]:
    lines = ["| | nginx | Stowaway | ratio (spread) | target | throughput | p99 nginx / Stowaway |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        ratio, through = row["ratio"], row["throughput_ratio"]
        met = "met" if ratio["median"] >= row["least"] else "**not met**"
        lines.append(
            f"| {row['id']} {row['title']} | {amount(row, 'nginx')} | {amount(row, 'stowaway')} | **{ratio['median']:.2f}** ({ratio['low']:.2f}–{ratio['high']:.2f}) "
            f"| ≥ {row['least']:g}: {met} | {through['median']:.2f} ({through['low']:.2f}–{through['high']:.2f}) | {latency(row, 'nginx')} / {latency(row, 'stowaway')} ms |"
        )
    return lines


def amount(row: dict, name: str) -> str:
    if row["better"] == "memory":
        return f"{row[name]['resident_mb']:.0f} MB"
    value = row[name]["cpu"]
    return f"{value:.2f} µs" if row["unit"] == "µs a request" else f"{value:.3f} s/GiB"


def latency(row: dict, name: str) -> str:
    """Nothing where in most rounds no answer ended within the round."""
    p99_ms = row[name]["p99_ms"]
    return f"{p99_ms:.1f}" if p99_ms > 0 else "–"


def published(publish: dict, cores: int) -> str:
    time, cpu = publish["time_ratio"], publish["cpu_ratio"]
    met = "met" if time["median"] <= publish["most"] else "**not met**"
    return (
        f"Publishing {publish['bytes'] / (1 << 30):.2f} GiB of new files took {publish['publish']['seconds']:.1f} s and {publish['publish']['cpu_seconds']:.1f} s of processors; `sha256sum` over them, {cores} at a time, "
        f"{publish['sha256sum']['seconds']:.1f} s and {publish['sha256sum']['cpu_seconds']:.1f} s: **{time['median']:.2f}×** the time ({time['low']:.2f}–{time['high']:.2f}; target ≤ {publish['most']:g}×: {met}), "
        f"{cpu['median']:.2f}× the processors ({cpu['low']:.2f}–{cpu['high']:.2f})."
    )
