/** Makes schedules of faults out of a seed: the same seed, the same schedule. */

/** Mulberry32: numbers from 0 to 1. */
export function randomNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const NETWORK = ['status', 'cut', 'damage'];
const EVENTS = ['reload', 'pause', 'stop-workers', 'kill-server', 'other-tab', 'evict'];
const STATUSES = [500, 502, 503, 404];

/**
 * @returns transport, faults of the network (met in the order of requests), and events, each at so many stored bytes
 */
export function makeSchedule(seed, totalBytes) {
  const random = randomNumbers(seed);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const some = (most, make) => Array.from({ length: Math.floor(random() * (most + 1)) }, make);
  return {
    seed,
    transport: pick(['background-fetch', 'pieces']),
    faults: some(4, () => ({ kind: pick(NETWORK), status: pick(STATUSES), at: random() })),
    events: some(3, () => ({ kind: pick(EVENTS), atBytes: Math.floor(random() * 0.8 * totalBytes) })).sort(
      (a, b) => a.atBytes - b.atBytes,
    ),
  };
}
