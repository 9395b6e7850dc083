// One publish at a time: reads, asks, sends, asks again. It goes on while other views are looked at.

import type { Connection } from '../api/connection.ts';
import { ApiProblem, filesOf } from '../api/problem.ts';
import type { Folder } from './folder.ts';
import { type HashedFile, hashFiles } from './hash-files.ts';
import { TAG_FILE, TAG_FILE_MAX_BYTES } from './names.ts';
import { askForRelease, type MissingFile, type Publication, type Release } from './publication.ts';
import { isRunning, type PublishState, percentOf } from './publish-state.ts';
import { pause, Retry } from './retry.ts';
import { sendFile } from './tus.ts';
import { forgetUnfinished, noteUnfinished } from './unfinished.ts';

/** Files that are sent at once. */
const AT_ONCE = 3;
/** How often a server may say that bytes are missing which it was just sent. */
const ROUNDS = 3;

export class PublishSession {
  state: PublishState = { step: 'idle' };
  tag = '';
  readonly #connection: Connection;
  readonly #ended: (cause: unknown) => boolean;
  readonly #listeners = new Set<() => void>();
  #stopping = new AbortController();
  #bytesSent = 0;

  /** @param ended takes what ends the whole session, such as a token that has expired */
  constructor(connection: Connection, ended: (cause: unknown) => boolean) {
    this.#connection = connection;
    this.#ended = ended;
  }

  get progressPercent(): number | undefined {
    return percentOf(this.state);
  }

  /** Calls `listener` at every change, until the function that is given back is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Publishes `folder` as the next release of `tag`. */
  async start(folder: Folder, tag: string): Promise<void> {
    this.#stopping = new AbortController();
    this.#bytesSent = 0;
    this.tag = tag;
    noteUnfinished({ tag, folder: folder.name, files: folder.files.length, bytes: folder.bytes });
    addEventListener('beforeunload', keepOpen);
    try {
      const { release, changed } = await this.#run(folder, tag, this.#stopping.signal);
      forgetUnfinished();
      this.#become({ step: 'done', release, isNew: changed, bytesSent: this.#bytesSent });
    } catch (cause) {
      this.#fail(cause, folder);
    } finally {
      removeEventListener('beforeunload', keepOpen);
    }
  }

  stop(): void {
    if (isRunning(this.state)) this.#stopping.abort(new DOMException('Stopped.', 'AbortError'));
  }

  /** Back to the beginning, when one is over. */
  reset(): void {
    if (!isRunning(this.state)) this.#become({ step: 'idle' });
  }

  async #run(folder: Folder, tag: string, signal: AbortSignal): Promise<Release> {
    const tagToml = await readTagFile(folder.tagFile);
    const files = await this.#read(folder, signal);
    const publication: Publication = { tag, files, tagToml };
    for (let rounds = 0; ; ) {
      this.#become({ step: this.state.step === 'making' ? 'making' : 'asking' });
      const answer = await this.#ask(publication, signal);
      if (answer.step === 'done') return answer.release;
      if (answer.step === 'making') {
        this.#become({ step: 'making' });
        await pause(answer.askAgainMs, signal);
        continue;
      }
      rounds += 1;
      if (rounds > ROUNDS)
        throw new Error(
          'The server says again and again that it lacks what it was sent. Its log may say why.',
        );
      await this.#sendAll(files, answer.missing, signal);
      // Everything is there: making the release is what is left.
      this.#become({ step: 'making' });
    }
  }

  async #read({ files, bytes: totalBytes }: Folder, signal: AbortSignal): Promise<HashedFile[]> {
    let bytes = 0;
    const show = (more: number): void => {
      bytes += more;
      this.#become({ step: 'reading', bytes, totalBytes });
    };
    show(0);
    return hashFiles(files, show, signal);
  }

  async #ask(publication: Publication, signal: AbortSignal): ReturnType<typeof askForRelease> {
    const retry = new Retry(signal, () => {});
    for (;;) {
      try {
        return await askForRelease(this.#connection, publication, signal);
      } catch (cause) {
        await retry.after(cause);
      }
    }
  }

  async #sendAll(
    files: readonly HashedFile[],
    missing: readonly MissingFile[],
    signal: AbortSignal,
  ): Promise<void> {
    const byDigest = new Map(files.map((file) => [file.sha256, file.file]));
    const totalBytes = missing.reduce((sum, { size, upload }) => sum + size - (upload?.offset ?? 0), 0);
    const queue = [...missing];
    let bytes = 0;
    let done = 0;
    let waiting: string | undefined;
    const show = (): void =>
      this.#become({ step: 'sending', bytes, totalBytes, files: done, totalFiles: missing.length, waiting });
    const sending = {
      connection: this.#connection,
      signal,
      progress: (more: number) => {
        bytes += more;
        this.#bytesSent += more;
        show();
      },
      waiting: (reason: string | undefined) => {
        waiting = reason;
        show();
      },
    };
    show();
    const sendNext = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const file = byDigest.get(next.sha256);
        if (file === undefined)
          throw new Error('The server asks for a file that was not offered. Is it of another version?');
        await sendFile(file, next, sending);
        done += 1;
        show();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sendNext));
  }

  #fail(cause: unknown, folder: Folder): void {
    const wasStopped = this.#stopping.signal.aborted;
    // What else is on its way stops, too.
    this.#stopping.abort();
    if (wasStopped) this.#become({ step: 'stopped' });
    if (wasStopped || this.#ended(cause)) return;
    const title = cause instanceof ApiProblem ? cause.title : 'It was not published';
    const text = cause instanceof Error ? cause.message : String(cause);
    const paths = folder.files.map(({ path }) => path);
    const files = cause instanceof ApiProblem ? filesOf(cause, paths) : [];
    this.#become({ step: 'failed', title, text, files });
  }

  #become(state: PublishState): void {
    this.state = state;
    for (const listener of this.#listeners) listener();
  }
}

async function readTagFile(file: File | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  if (file.size > TAG_FILE_MAX_BYTES)
    throw new Error(`${TAG_FILE} is too large to describe a tag: it may have 64 kB.`);
  return file.text();
}

/** The browser asks whether the page shall really be left. */
function keepOpen(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
