/** Runs tests one after the other, each in a world of its own with a limit of time, and counts. */
import { diagnose } from './diagnosis.mjs';
import { withLimit } from './wait-for.mjs';
import { World } from './world.mjs';

/** A safety net: every wait inside a test has a shorter limit of its own. */
const TEST_LIMIT_MS = 300_000;
const CLEAN_UP_LIMIT_MS = 40_000;

export class Runner {
  passed = 0;
  failed = 0;
  skipped = 0;
  #resources;

  /** @param resources binary, workspace, fixtures, and a limit for each test other than two minutes */
  constructor(resources) {
    this.#resources = resources;
  }

  /** @param test name, run(world), `limitMs` where it takes longer than the others, and for what not every machine has `skip()`: the reason, or undefined */
  async run(test) {
    const reason = test.skip?.();
    if (reason !== undefined) {
      this.skipped += 1;
      console.log(`skipped ${test.name}: ${reason}`);
      return;
    }
    const startMs = performance.now();
    const failure = (await this.#attempt(test)) ?? undefined;
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    if (failure) {
      this.failed += 1;
      console.log(`FAILED ${test.name} (${seconds} s)\n${failure}`);
    } else {
      this.passed += 1;
      console.log(`ok ${test.name} (${seconds} s)`);
    }
  }

  /** What went wrong, as text, or undefined. */
  async #attempt(test) {
    const world = await World.create(this.#resources);
    let failure;
    try {
      await withLimit(
        test.name,
        world.start().then(() => test.run(world)),
        test.limitMs ?? this.#resources.limitMs ?? TEST_LIMIT_MS,
      );
    } catch (error) {
      failure = `${describe(error)}\n${await diagnose(world)}`;
    }
    try {
      await withLimit('cleaning up', world.dispose(), CLEAN_UP_LIMIT_MS);
    } catch (error) {
      failure = `${failure ?? ''}\n${describe(error)}`;
    }
    return failure;
  }
}

function describe(error) {
  const causes = error.errors ?? (error.cause ? [error.cause] : []);
  return [error.stack ?? String(error), ...causes.map((cause) => `caused by ${describe(cause)}`)].join('\n');
}
