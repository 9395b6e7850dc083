/** Reads what the browser tells of network and battery, and calls back when it changes. */
import { type Conditions, findObstacle, isWithin, type Obstacle, type Policy } from '../core/policy.ts';
import type { PauseReason } from '../protocol/download.ts';

/** Interfaces that TypeScript's libraries lack: https://wicg.github.io/netinfo/, https://www.w3.org/TR/battery-status/. */
interface NetworkInformation extends EventTarget {
  readonly type?: string;
  readonly saveData?: boolean;
}

interface BatteryManager extends EventTarget {
  readonly level: number;
  readonly charging: boolean;
}

interface TellingNavigator {
  readonly connection?: NetworkInformation;
  getBattery?(): Promise<BatteryManager>;
}

/** Clocks jump and devices sleep: the hour is asked for often instead of being waited for once. */
const HOUR_INTERVAL_MS = 60_000;

/**
 * The reason for which bytes may not move now, or undefined.
 * @param paused why the download waits already: where nobody tells of the battery, a wait for it is for others to end
 */
export async function obstacleNow(
  policy: Policy | undefined,
  paused?: PauseReason,
): Promise<Obstacle | undefined> {
  const found = policy && findObstacle(policy, await readConditions());
  return found ?? (paused === 'battery' && isWorker() ? paused : undefined);
}

/** Workers are told of the network, and never of the battery. */
function isWorker(): boolean {
  return !('document' in globalThis);
}

async function readConditions(): Promise<Conditions> {
  const { connection } = navigator as TellingNavigator;
  const battery = await findBattery();
  return {
    networkType: connection?.type,
    saveData: connection?.saveData,
    batteryLevel: battery?.level,
    charging: battery?.charging,
    hour: hourNow(),
  };
}

/** Calls back whenever an obstacle may have come or gone. */
export async function watchConditions(
  policy: Policy | undefined,
  onChange: () => void,
  signal: AbortSignal,
): Promise<void> {
  const { connection } = navigator as TellingNavigator;
  watchHours(policy, onChange, signal);
  connection?.addEventListener('change', onChange, { signal });
  const battery = await findBattery();
  for (const event of ['levelchange', 'chargingchange'])
    battery?.addEventListener(event, onChange, { signal });
}

/** Calls back when the hours begin. Their end is met by whoever asks for the next bytes. */
function watchHours(policy: Policy | undefined, onChange: () => void, signal: AbortSignal): void {
  const { hours } = policy ?? {};
  if (!hours || signal.aborted) return;
  let open = isWithin(hours, hourNow());
  const timer = setInterval(() => {
    const before = open;
    open = isWithin(hours, hourNow());
    if (open && !before) onChange();
  }, HOUR_INTERVAL_MS);
  signal.addEventListener('abort', () => clearInterval(timer));
}

function hourNow(): number {
  const now = new Date();
  return now.getHours() + now.getMinutes() / 60;
}

/** Workers and most browsers have none, and pages may be forbidden to ask. */
async function findBattery(): Promise<BatteryManager | undefined> {
  try {
    return await (navigator as TellingNavigator).getBattery?.();
  } catch {
    return undefined;
  }
}
