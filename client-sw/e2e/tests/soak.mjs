/** The first of the schedules that `make soak` runs two hundred of. */
import { runSchedule, SCHEDULE_LIMIT_MS } from '../run-schedule.mjs';

const SEEDS = [1, 2, 3];

export const soakTests = SEEDS.map((seed) => ({
  name: `chromium: random faults, seed ${seed}, end complete`,
  limitMs: SCHEDULE_LIMIT_MS,
  long: seed !== SEEDS[0],
  run: (world) => runSchedule(world, seed),
}));
