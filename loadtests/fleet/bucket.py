"""A bucket of a run's own: s3s-fs, which speaks S3 over a folder."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from curve.databases import free_port
from fleet.listening import wait_until_listening
from origin import REPOSITORY

KEY, SECRET = "sample", "sample-secret"


@contextlib.contextmanager
def start(folder: Path) -> Iterator[dict[str, str]]:
    """Starts the service with an empty bucket, and stops it; gives the settings that a server needs."""
    (folder / "media").mkdir(parents=True)
    port = free_port()
    command = [find_program(), "--host", "127.0.0.1", "--port", str(port), "--access-key", KEY, "--secret-key", SECRET, str(folder)]
    log_path = folder.parent / "bucket.log"
    with log_path.open("wb") as log:
        service = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    try:
        wait_until_listening("s3s-fs", service, port, lambda: log_path.read_text(errors="replace"))
        yield {
            "STOWAWAY_STORAGE__URL": "s3://media/stowaway",
            "STOWAWAY_STORAGE__ENDPOINT": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
        }
    finally:
        service.terminate()
        service.wait()


def find_program() -> str:
    """The s3s-fs that .ci/install put under target/tools, else the one on the PATH."""
    ours = REPOSITORY / "target/tools/bin/s3s-fs"
    found = str(ours) if os.access(ours, os.X_OK) else shutil.which("s3s-fs")
    if found is None:
        raise SystemExit("s3s-fs is missing: .ci/install test")
    return found
