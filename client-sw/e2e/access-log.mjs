/** Reads the server's JSON log: one entry a finished answer, as `stowaway::access` events say it. */
import { createInterface } from 'node:readline';

const TARGET = 'stowaway::access';
const TAIL_LINES = 40;

/** Entries are kept over restarts of the server; `run` counts its starts. */
export class AccessLog {
  entries = [];
  #otherLines = [];

  /** Follows one process's output until it ends. */
  follow(stream, run) {
    const lines = createInterface({ input: stream });
    lines.on('line', (line) => this.#add(line, run));
  }

  #add(line, run) {
    const event = parseEvent(line);
    if (event?.target === TARGET) this.entries.push({ ...(event.fields ?? event), run });
    else this.#otherLines.push(line);
  }

  /** Entries since a mark (an earlier `entries.length`). */
  since(mark) {
    return this.entries.slice(mark);
  }

  /** For a failing test: the last answers, and what else the server said. */
  tail() {
    const answers = this.entries
      .slice(-TAIL_LINES)
      .map(({ run, method, path, status, range, bytes_sent: sent, bytes_planned: planned }) =>
        [`run ${run}`, method, path, status, range || '-', `${sent}/${planned} bytes`].join(' '),
      );
    return [...answers, ...this.#otherLines.slice(-TAIL_LINES)].join('\n');
  }
}

function parseEvent(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // A line for people, such as a panic: kept as it is.
  }
}
