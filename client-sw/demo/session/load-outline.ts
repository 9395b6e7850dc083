// The outline of a tag: from the server, else as this browser stored it.

import type { Downloads } from 'stowaway-client';
import { manifestHref } from '../documents/addresses.ts';
import { type Outline, readOutline } from '../documents/outline.ts';

export async function loadOutline(downloads: Downloads, tag: string): Promise<Outline> {
  return readOutline(await downloads.load(tag), new URL(manifestHref(tag), location.href).href);
}
