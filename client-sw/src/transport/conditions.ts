/** Reads what the browser tells of network and battery, and calls back when it changes. */
import { type Conditions, findObstacle, type Policy } from '../core/policy.ts';

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

/** The reason for which bytes may not move now, or undefined. */
export async function obstacleNow(policy: Policy | undefined): Promise<'metered' | 'battery' | undefined> {
  return policy && findObstacle(policy, await readConditions());
}

async function readConditions(): Promise<Conditions> {
  const { connection } = navigator as TellingNavigator;
  const battery = await findBattery();
  return {
    networkType: connection?.type,
    saveData: connection?.saveData,
    batteryLevel: battery?.level,
    charging: battery?.charging,
  };
}

/** Calls back whenever an obstacle may have come or gone. */
export async function watchConditions(onChange: () => void, signal: AbortSignal): Promise<void> {
  const { connection } = navigator as TellingNavigator;
  connection?.addEventListener('change', onChange, { signal });
  const battery = await findBattery();
  for (const event of ['levelchange', 'chargingchange'])
    battery?.addEventListener(event, onChange, { signal });
}

/** Workers and most browsers have none, and pages may be forbidden to ask. */
async function findBattery(): Promise<BatteryManager | undefined> {
  try {
    return await (navigator as TellingNavigator).getBattery?.();
  } catch {
    return undefined;
  }
}
