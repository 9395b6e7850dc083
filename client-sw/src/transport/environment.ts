/** What moving bytes needs from the context it runs in: page, tab or worker. */

import { CHANNEL_NAME, type ChannelMessage } from '../protocol/messages.ts';
import type { Database } from '../storage/database.ts';

export interface Environment {
  db: Database;
  /** Requests in flight at once. */
  concurrency: number;
  /** Tells every tab, the worker, and whoever listens in this context. */
  announce(message: ChannelMessage): void;
}

/** The channel to all other contexts. `listener` hears them, and not this context's own messages. */
export function openChannel(listener: (message: ChannelMessage) => void): {
  post(message: ChannelMessage): void;
  close(): void;
} {
  const channel = new BroadcastChannel(CHANNEL_NAME);
  channel.onmessage = ({ data }: MessageEvent<ChannelMessage>) => listener(data);
  return {
    post: (message) => channel.postMessage(message),
    close: () => channel.close(),
  };
}
