"""Runs a k6 scenario and counts what it says: every check and every threshold is a case."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from origin import REPOSITORY

HERE = Path(__file__).resolve().parent
RUN_SECONDS = 180
THRESHOLDS_BROKEN = 99  # k6's exit code
NO_DIGEST = "0" * 64


def run_scenario(scenario: str, address: str, folder: Path, **settings: str) -> dict[str, bool]:
    """One run as it should be: every check, every threshold and k6's own verdict."""
    status, summary = k6(scenario, address, folder / f"{scenario}.json", **settings)
    cases = {f"{scenario}: k6 ended with 0": status == 0}
    cases |= {f"{scenario}: {name}": good for name, good in verdicts(summary).items()}
    return cases


def verdicts(summary: dict) -> dict[str, bool]:
    """Checks (made at least once and never broken) and thresholds of a summary."""
    checks = {check["name"]: check["passes"] > 0 and check["fails"] == 0 for check in summary["root_group"]["checks"]}
    rules = {f"{name} {rule}": result["ok"] for name, metric in summary["metrics"].items() for rule, result in metric.get("thresholds", {}).items()}
    if not checks or not rules:
        raise RuntimeError("the run has no checks or no thresholds: it could not fail")
    return checks | rules


def breaks(scenario: str, address: str, folder: Path) -> bool:
    """A short run that expects a digest which no piece has must end with k6's code for broken thresholds."""
    status, summary = k6(scenario, address, folder / f"{scenario}-broken.json", EXPECTED_DIGEST=NO_DIGEST, DURATION="2s", RATE="5", quiet=True)
    broken = [name for name, good in verdicts(summary).items() if not good]
    return status == THRESHOLDS_BROKEN and "checks rate==1" in broken and "http_req_failed rate==0" not in broken


def report(cases: dict[str, bool]) -> int:
    """Prints every case, and says how many failed."""
    for name, good in cases.items():
        print(f"{'ok    ' if good else 'FAILED'} {name}")
    return len(cases) - sum(cases.values())


def k6(scenario: str, address: str, summary: Path, quiet: bool = False, **settings: str) -> tuple[int, dict]:
    environment = os.environ | {"ORIGIN": f"http://{address}", "SUMMARY": str(summary)} | settings
    command = [find_k6(), "run", "--no-usage-report", "--no-color", "--quiet", "--address", "", str(HERE / "scenarios" / f"{scenario}.js")]
    output = subprocess.PIPE if quiet else None
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=RUN_SECONDS)
    if not summary.exists():
        raise RuntimeError(f"k6 ended with {done.returncode} and wrote no summary: {done.stderr or 'see above'}")
    return done.returncode, json.loads(summary.read_text(encoding="utf-8"))


def find_k6() -> str:
    """The k6 that .ci/install put under target/tools, else the one on the PATH."""
    ours = REPOSITORY / "target/tools/python/bin/k6"
    found = str(ours) if ours.exists() else shutil.which("k6")
    if found is None:
        raise SystemExit("k6 is missing: .ci/install test")
    return found
