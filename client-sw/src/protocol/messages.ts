/**
 * What tabs and the worker tell each other, over one BroadcastChannel and one worker message. Types and names only.
 */
import type { DownloadEvent } from './download.ts';

/** Name of the BroadcastChannel that every tab and the worker listen to. */
export const CHANNEL_NAME = 'stowaway';

/** Prefix of Web Lock names and Background Sync tags: `stowaway:{download id}`. */
export const NAME_PREFIX = 'stowaway:';

/** Over the BroadcastChannel. */
export type ChannelMessage =
  | DownloadEvent
  /**
   * Whoever is moving bytes for this download stops and leaves what is stored. Where a person has it `givenUp`, so does whoever is about
   * to begin it; a page that begins it stops the others, too, and they may still have to begin it themselves.
   */
  | { type: 'stop'; id: string; givenUp?: boolean };

/** From a page to the worker. */
export type WorkerMessage = {
  /** Go on with this download while the page goes away. */
  type: 'stowaway-resume';
  id: string;
};
