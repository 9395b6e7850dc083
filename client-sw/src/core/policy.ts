/** Decides whether bytes may move now: a site's policy against what the browser tells of network and battery. Pure. */

/** When a download waits instead of moving bytes. What a browser does not tell is no reason to wait. */
export interface Policy {
  /** `wait` on networks that cost: mobile data, as far as the browser tells (Wi-Fi only). Default `allow`. */
  metered?: 'allow' | 'wait';
  /** `wait` while the person has asked the browser to save data. Default `allow`. */
  saveData?: 'allow' | 'wait';
  /** Wait while the battery is below this level (0 to 1) and not charging. Default 0. */
  minimumBattery?: number;
}

/** What the browser tells; absent where it does not. */
export interface Conditions {
  /** `NetworkInformation.type`. */
  networkType?: string | undefined;
  saveData?: boolean | undefined;
  /** 0 to 1. */
  batteryLevel?: number | undefined;
  charging?: boolean | undefined;
}

/** `NetworkInformation.type` of networks that are paid for by the byte. */
const METERED_TYPES = ['cellular', 'wimax'];

/** The reason to wait, or undefined. */
export function findObstacle(
  { metered, saveData, minimumBattery = 0 }: Policy,
  now: Conditions,
): 'metered' | 'battery' | undefined {
  if (metered === 'wait' && METERED_TYPES.includes(now.networkType ?? '')) return 'metered';
  if (saveData === 'wait' && now.saveData === true) return 'metered';
  if (now.charging === false && (now.batteryLevel ?? 1) < minimumBattery) return 'battery';
  return undefined;
}
