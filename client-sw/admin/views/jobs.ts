// What keeps house: what runs, what came of the last ones, and buttons that begin one. The list follows what the server does.

import { element } from '../../demo/views/dom.ts';
import type { JobEntry, NewJob } from '../api/documents.ts';
import { ApiProblem } from '../api/problem.ts';
import { button, complaint, field } from '../parts/controls.ts';
import { ask } from '../parts/dialog.ts';
import { type Entry, empty, entryView, head, nextPage } from '../parts/entries.ts';
import { moment } from '../parts/moment.ts';
import { formatRoute } from '../routes/route.ts';
import { jobBadge, jobFacts, jobTitle, remainingDamage } from './job-words.ts';
import type { Shown, Surroundings } from './view.ts';

/** Between two looks: while something runs, and while nothing does. */
const BUSY_MS = 1500;
const IDLE_MS = 10_000;
const BYTES_PER_MB = 1_000_000;

export async function jobsView(after: string | undefined, surroundings: Surroundings): Promise<Shown> {
  const { jobs, next } = await surroundings.api.jobs(after, surroundings.signal);
  const list = new JobList(after, surroundings);
  list.show(jobs);
  list.follow(jobs);
  const rest = next === undefined ? undefined : formatRoute({ view: 'jobs', after: next });
  const content = [
    head('Jobs'),
    beginForm(list, surroundings),
    element('h2', { class: 'section' }, 'All jobs'),
    list.node,
    nextPage(rest),
  ];
  return { title: 'Jobs', content: content.filter((node) => node !== undefined) };
}

/** The jobs of a page, as they are. An entry that has not changed stays, so that the focus does. */
class JobList {
  readonly node = element('div', {});
  readonly #entries = element('ul', { class: 'entries', role: 'list', 'aria-label': 'Jobs' });
  readonly #silence = element('p', { class: 'complaint', role: 'status' });
  readonly #shown = new Map<string, { text: string; state: string; node: HTMLElement }>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly after: string | undefined,
    private readonly surroundings: Surroundings,
  ) {
    surroundings.signal.addEventListener('abort', () => clearTimeout(this.#timer));
  }

  show(jobs: readonly JobEntry[]): void {
    for (const job of jobs) this.#show(job);
    const ids = new Set(jobs.map(({ id }) => id));
    for (const id of this.#shown.keys()) if (!ids.has(id)) this.#shown.delete(id);
    const nodes = jobs.map(({ id }) => this.#shown.get(id)?.node).filter((node) => node !== undefined);
    const isSame = nodes.length === this.#entries.children.length;
    if (!isSame || nodes.some((node, at) => this.#entries.children[at] !== node)) {
      this.#entries.replaceChildren(...nodes);
    }
    const words = empty('No jobs yet', 'Begin one above, or at the server: stowaway gc, stowaway scrub.');
    this.node.replaceChildren(this.#silence, jobs.length > 0 ? this.#entries : words);
  }

  /** Looks again, soon while one of them runs. */
  follow(jobs: readonly JobEntry[]): void {
    clearTimeout(this.#timer);
    if (this.surroundings.signal.aborted) return;
    const isBusy = jobs.some(({ state }) => state === 'running');
    this.#timer = setTimeout(() => void this.look(), isBusy ? BUSY_MS : IDLE_MS);
  }

  async look(): Promise<void> {
    const { api, signal, fail } = this.surroundings;
    try {
      const { jobs } = await api.jobs(this.after, signal);
      this.#silence.textContent = '';
      this.show(jobs);
      this.follow(jobs);
    } catch (cause) {
      if (signal.aborted) return;
      if (cause instanceof ApiProblem && cause.endsSession) return fail(cause);
      const reason = cause instanceof Error ? cause.message : String(cause);
      this.#silence.textContent = `What is shown may have changed: ${reason}`;
      this.follow([]);
    }
  }

  #show(job: JobEntry): void {
    const text = JSON.stringify(job);
    const before = this.#shown.get(job.id);
    if (before?.text === text) return;
    const node = entryView(jobEntry(job, this.surroundings));
    before?.node.replaceWith(node);
    this.#shown.set(job.id, { text, state: job.state, node });
    if (before?.state === 'running' && job.state !== 'running') {
      this.surroundings.announce(`${jobTitle(job)}: ${jobBadge(job).text}. ${jobFacts(job).join(', ')}`);
    }
  }
}

function jobEntry(job: JobEntry, surroundings: Surroundings): Entry {
  const at = (word: string, text: string): HTMLElement => element('span', {}, word, moment(text));
  const { state, started, ended, seen, error } = job;
  const damage = element('div', {});
  return {
    title: jobTitle(job),
    badge: jobBadge(job),
    facts: [
      ...jobFacts(job),
      at('began ', started),
      ended !== undefined ? at('ended ', ended) : state === 'lost' && at('last seen ', seen),
      error !== undefined && element('span', { class: 'complaint' }, error),
    ],
    actions: [
      remainingDamage(job) > 0 &&
        button('Show what is damaged', () => showDamage(job, damage, surroundings), {
          describes: `Show what is damaged, found ${started}`,
        }),
    ],
    more: damage,
    testId: 'job',
  };
}

/** Only the whole job has the names. */
async function showDamage({ id }: JobEntry, place: HTMLElement, surroundings: Surroundings): Promise<void> {
  const { report } = await surroundings.api.job(id, surroundings.signal);
  const damage = report !== undefined && 'damaged' in report ? (report.damage ?? []) : [];
  const items = damage.map(({ key, reason, isMended, neededBy }) =>
    element(
      'li',
      {},
      element('code', {}, key),
      `: ${reason}${isMended ? ' (mended)' : ''}${neededBy.length > 0 ? `. Needed by ${neededBy.join(', ')}` : ''}`,
    ),
  );
  const remedy = 'Publish the folders of these tags again, or give a copy: stowaway scrub --repair-from URL.';
  place.replaceChildren(
    element('ul', { class: 'small', 'aria-label': 'Damaged', 'data-testid': 'damage' }, ...items),
    element('p', { class: 'small soft' }, remedy),
  );
}

function beginForm(list: JobList, surroundings: Surroundings): HTMLElement {
  const problem = complaint();
  const begin = async (job: NewJob): Promise<void> => {
    problem.textContent = '';
    const begun = await surroundings.api.beginJob(job);
    surroundings.announce(`${jobTitle(begun)} has begun.`);
    await list.look();
  };
  const press = async (job: NewJob): Promise<void> => {
    try {
      await begin(job);
    } catch (cause) {
      if (cause instanceof ApiProblem && cause.endsSession) return surroundings.fail(cause);
      problem.textContent = cause instanceof Error ? cause.message : String(cause);
    }
  };
  const tag = element('input', {
    type: 'text',
    pattern: '[a-z0-9][a-z0-9._\\-]{0,127}',
    placeholder: 'all tags',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
  });
  const rate = element('input', { type: 'number', min: '0.001', step: 'any', placeholder: 'no limit' });
  const reading = element(
    'form',
    { class: 'panel form' },
    element('h2', {}, 'Is everything still as it was stored?'),
    element('p', { class: 'soft small' }, 'Reads what is stored and compares it with its digests.'),
    element(
      'div',
      { class: 'fields' },
      field('Only this tag', tag),
      field('At most, in MB per second', rate),
    ),
    element(
      'p',
      { class: 'actions' },
      element('button', { type: 'submit', class: 'button' }, 'Read it again'),
    ),
  );
  reading.addEventListener('submit', (event) => {
    event.preventDefault();
    const bytesPerSecond = Math.round(rate.valueAsNumber * BYTES_PER_MB);
    void press({
      kind: 'scrub',
      ...(tag.value.trim() !== '' && { tag: tag.value.trim() }),
      ...(bytesPerSecond > 0 && { bytesPerSecond }),
    });
  });
  const removing = element(
    'section',
    { class: 'panel form' },
    element('h2', {}, 'What does nobody need any more?'),
    element(
      'p',
      { class: 'soft small' },
      'What killed publishes left, and what only old releases needed that their tags let go.',
    ),
    element(
      'p',
      { class: 'actions' },
      button('Count what can be removed', () => press({ kind: 'gc', delete: false }), { tone: 'accent' }),
      button('Remove it…', () => askAndRemove(begin)),
    ),
  );
  return element('div', {}, problem, removing, reading);
}

async function askAndRemove(begin: (job: NewJob) => Promise<void>): Promise<void> {
  const question = {
    title: 'Remove what nobody needs?',
    text: [
      'What no release needs any more is deleted from the store, and cannot be brought back.',
      'Where old releases may go, those that their tags let go are retired: their addresses answer 410 from then on.',
    ],
    confirm: 'Remove it',
    isDangerous: true,
  };
  await ask(question, () => begin({ kind: 'gc', delete: true }));
}
