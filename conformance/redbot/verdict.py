"""What REDbot says about one address: its notes that are no praise and no mere fact, each once.

Run as a program with an address, prints them as JSON: REDbot's event loop is good for one look only.
"""

import json
import subprocess
import sys
from configparser import ConfigParser
from dataclasses import asdict, dataclass

import thor
from httplint.note import levels
from redbot.resource import HttpResource

PATIENCE_SECONDS = 120


@dataclass(frozen=True, order=True)
class Note:
    """A note about an answer, or about one of the requests with which REDbot tried it."""

    identifier: str
    level: str
    subject: str
    summary: str


def notes_about(url: str) -> list[Note]:
    """Asks `url` as REDbot does: plainly, with Accept-Encoding, with a range, and with conditions."""
    done = subprocess.run([sys.executable, __file__, url], capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    if done.returncode != 0:
        raise RuntimeError(f"REDbot on {url} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return [Note(**note) for note in json.loads(done.stdout)]


def look_at(url: str) -> list[Note]:
    """Once in the life of a process."""
    configuration = ConfigParser()
    configuration.read_dict({"redbot": {"enable_local_access": "True"}})
    resource = HttpResource(configuration["redbot"])
    resource.set_request(url)

    @thor.events.on(resource)
    def check_done() -> None:
        thor.stop()

    resource.check()
    thor.run()
    if not resource.response.complete:
        raise RuntimeError(f"no whole answer: {resource.fetch_error}")
    answers = [resource.response, *(check.response for check in resource.subreqs.values())]
    found = [note for answer in answers for note in getattr(answer, "notes", [])]
    bad = [note for note in found if note.level in (levels.BAD, levels.WARN)]
    return sorted({Note(type(note).__name__, note.level.value, str(note.subject), str(note.summary)) for note in bad})


if __name__ == "__main__":
    print(json.dumps([asdict(note) for note in look_at(sys.argv[1])]))
