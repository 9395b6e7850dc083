// Words for what a job does, how far it is and what came of it. Pure.

import { formatCount, formatSize } from '../../demo/views/format.ts';
import type { GcReport, JobEntry, ScrubReport, Tally } from '../api/documents.ts';

export function jobTitle({ kind, parameters }: JobEntry): string {
  if (kind === 'gc')
    return parameters.delete === true ? 'Remove what nobody needs' : 'Count what nobody needs';
  if (kind === 'scrub')
    return parameters.tag === undefined ? 'Read everything again' : `Read ${parameters.tag} again`;
  return kind;
}

export function jobBadge(job: JobEntry): { text: string; tone: 'good' | 'quiet' | 'bad' } {
  switch (job.state) {
    case 'running':
      return { text: 'running', tone: 'quiet' };
    case 'done':
      return remainingDamage(job) > 0
        ? { text: 'damage found', tone: 'bad' }
        : { text: 'done', tone: 'good' };
    case 'failed':
      return { text: 'failed', tone: 'bad' };
    case 'lost':
      return { text: 'no sign of life', tone: 'bad' };
    default:
      return { text: job.state, tone: 'quiet' };
  }
}

/** How far it is or, when it is done, what came of it. */
export function jobFacts(job: JobEntry): string[] {
  if (job.report === undefined) return progressFacts(job);
  return 'dryRun' in job.report ? gcFacts(job.report) : scrubFacts(job.report);
}

/** How many objects a scrub found damaged and did not mend. */
export function remainingDamage({ report }: JobEntry): number {
  return report !== undefined && 'damaged' in report ? report.damaged - report.mended : 0;
}

function gcFacts(report: GcReport): string[] {
  const { dryRun, removed, objects, staged, young, objectsExamined, releasesRetired } = report;
  const facts = [
    `${tally(removed)} ${dryRun ? 'can be removed' : 'removed'}, of ${objectsExamined} looked at`,
    ...Object.entries(objects).map(([kind, of]) => `${kind.replaceAll('_', ' ')}: ${tally(of)}`),
  ];
  if (staged.count > 0) facts.push(`unfinished uploads: ${tally(staged)}`);
  if (young.count > 0) facts.push(`${tally(young)} spared for now: written lately, or in use by an upload`);
  if (releasesRetired > 0) {
    facts.push(`${formatCount(releasesRetired, 'old release')} ${dryRun ? 'would be retired' : 'retired'}`);
  }
  return facts;
}

function scrubFacts({ blobs, documents, releases, damaged, mended }: ScrubReport): string[] {
  return [
    `${formatCount(blobs, 'blob')} and ${formatCount(documents, 'document')} of ${formatCount(releases, 'release')} read`,
    damaged === 0 ? 'nothing is damaged' : `${damaged} damaged or missing, ${mended} of them mended`,
  ];
}

function progressFacts({ progress }: JobEntry): string[] {
  const { area, objectsExamined, removed, blobs, releases, damaged = 0 } = progress;
  const facts: string[] = [];
  if (objectsExamined !== undefined) facts.push(`${formatCount(objectsExamined, 'object')} looked at`);
  if (area !== undefined) facts.push(`in ${area}`);
  if (removed !== undefined) facts.push(`${tally(removed)} nobody needs`);
  if (blobs !== undefined) facts.push(`${formatCount(blobs, 'blob')} read`);
  if (releases !== undefined && releases > 0) facts.push(`${formatCount(releases, 'release')} read`);
  if (damaged > 0) facts.push(`${damaged} damaged or missing`);
  return facts;
}

function tally({ count, bytes }: Tally): string {
  return `${formatCount(count, 'object')} (${formatSize(bytes)})`;
}
