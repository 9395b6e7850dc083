/** Decides whether bytes may move now: a site's policy against what the browser tells of network and battery. Pure. */

import type { Delivery } from '../protocol/manifest.ts';

/** When a download waits instead of moving bytes. What a browser does not tell is no reason to wait. */
export interface Policy {
  /**
   * `wait` on networks that cost: mobile data, as far as the browser tells (Wi-Fi only). A Background Fetch that is under way
   * when the network changes is ended as soon as a page is open to see it, and what it brought is kept. Default `allow`.
   */
  metered?: 'allow' | 'wait';
  /** `wait` while the person has asked the browser to save data. Default `allow`. */
  saveData?: 'allow' | 'wait';
  /**
   * Wait while the battery is below this level (0 to 1) and not charging. No worker is told of the battery: what waits for it goes on
   * while a page is open, and not before one is. Default 0.
   */
  minimumBattery?: number;
  /**
   * Wait outside of these hours of the device's own clock. No browser wakes a worker at an hour: a page must be open then. With hours,
   * bytes travel in pieces: nobody can tell a Background Fetch when to stop. Default: any time.
   */
  hours?: Hours;
}

/** From 0 to 24, with fractions; `{ from: 22, to: 6.5 }` is from ten at night to half past six. Equal: any time. */
export interface Hours {
  from: number;
  to: number;
}

/** Why bytes may not move now. */
export type Obstacle = 'metered' | 'battery' | 'schedule';

/** What the browser tells; absent where it does not. */
export interface Conditions {
  /** `NetworkInformation.type`. */
  networkType?: string | undefined;
  saveData?: boolean | undefined;
  /** 0 to 1. */
  batteryLevel?: number | undefined;
  charging?: boolean | undefined;
  /** Of the device's day: from 0 to 24, with fractions. */
  hour?: number | undefined;
}

/** `NetworkInformation.type` of networks that are paid for by the byte. */
const METERED_TYPES = ['cellular', 'wimax'];

/** The reason to wait, or undefined. */
export function findObstacle(
  { metered, saveData, minimumBattery = 0, hours }: Policy,
  now: Conditions,
): Obstacle | undefined {
  if (metered === 'wait' && METERED_TYPES.includes(now.networkType ?? '')) return 'metered';
  if (saveData === 'wait' && now.saveData === true) return 'metered';
  if (now.charging === false && (now.batteryLevel ?? 1) < minimumBattery) return 'battery';
  if (hours && now.hour !== undefined && !isWithin(hours, now.hour)) return 'schedule';
  return undefined;
}

/** Whether pieces are the better choice where there is Background Fetch, too: a site may want them, and hours can be kept by them only. */
export function prefersPieces(delivery: Delivery, policy: Policy | undefined): boolean {
  return delivery === 'pieces' || policy?.hours !== undefined;
}

/** Whether an hour of the day is among these; `to` is not. */
export function isWithin({ from, to }: Hours, hour: number): boolean {
  if (from === to) return true;
  return from < to ? hour >= from && hour < to : hour >= from || hour < to;
}
