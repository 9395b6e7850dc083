// The page's one connection to the download library, shared with every `<stowaway-download>` on it.

import { createDownloads, type Downloads } from 'stowaway-client';
import { useDownloads } from 'stowaway-client/element';
import { readTransportChoice } from './transport-choice.ts';

export function openDownloads(): Downloads {
  const downloads = createDownloads({ transport: readTransportChoice(location.search, sessionStorage) });
  useDownloads(downloads);
  return downloads;
}
