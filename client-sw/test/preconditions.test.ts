/** The server's own cases for conditional requests, through both planners as the worker uses them. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { planPrecondition } from '../src/core/precondition.ts';
import { planRange } from '../src/core/range.ts';
import { vectorFile } from './support/vectors.ts';

interface Case {
  name: string;
  method: string;
  headers: Record<string, string>;
  expect: { status: number };
}

const vectors: { size: number; etag: string; lastModified: string; cases: Case[] } = JSON.parse(
  readFileSync(vectorFile('preconditions.json'), 'utf8'),
);

test.each(vectors.cases)('$name', ({ method, headers: plain, expect: { status } }) => {
  const headers = new Headers(plain);
  const condition = planPrecondition(method, headers, vectors);
  const answered =
    condition.status === 'proceed'
      ? planRange(condition.range ? headers.get('range') : null, vectors.size).status
      : condition.status;
  expect(answered).toBe(status);
});
