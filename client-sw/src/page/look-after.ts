/** What an open page looks after beside the bytes that it moves: conditions that change, and what is complete. */
import type { Policy } from '../core/policy.ts';
import type { BackgroundFetchManager } from '../protocol/background-fetch.ts';
import { loadDownloads } from '../storage/downloads.ts';
import { change } from '../transport/change.ts';
import { obstacleNow, watchConditions } from '../transport/conditions.ts';
import type { Environment } from '../transport/environment.ts';
import { abortBackgroundFetch } from './background-fetch.ts';
import { loadUpkeep } from './load-upkeep.ts';

/**
 * Looks once, and again whenever conditions change, until `signal` is aborted.
 * @param runAll goes on with what waits
 */
export async function lookAfter(
  environment: Environment,
  findManager: () => BackgroundFetchManager | undefined,
  policy: Policy | undefined,
  runAll: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const heed = async () => {
    try {
      await pauseHindered(environment, findManager());
    } catch (error) {
      console.error('stowaway: cannot pause what must not go on', error);
    }
    await runAll();
  };
  await watchConditions(policy, heed, signal);
  try {
    if ((await loadDownloads(environment.db)).some(({ state }) => state === 'complete'))
      await (await loadUpkeep()).lookOverAll(environment, signal);
  } finally {
    await heed();
  }
}

/** A driver asks before each request whether bytes may move. A Background Fetch asks nobody: it is ended, and the worker keeps what has come. */
async function pauseHindered(
  environment: Environment,
  manager: BackgroundFetchManager | undefined,
): Promise<void> {
  for (const { id, state, policy, backgroundFetchId } of await loadDownloads(environment.db)) {
    const obstacle = state === 'downloading' && backgroundFetchId && (await obstacleNow(policy));
    if (!obstacle) continue;
    // First of all: the worker must find it paused, and not take the end of the fetch for a person's wish.
    await change(environment, id, { type: 'pause', reason: obstacle });
    await abortBackgroundFetch(manager, backgroundFetchId);
  }
}
