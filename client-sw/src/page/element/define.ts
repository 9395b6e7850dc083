/** Defines `<stowaway-download>`. Importing this file is enough; what it exports is for pages that want more. */
import { StowawayDownloadElement } from './stowaway-download.ts';

export type { Messages, StowawayDownloadMembers } from './api.ts';
export { useDownloads } from './instances.ts';
export { setMessages } from './messages.ts';
export { StowawayDownloadElement } from './stowaway-download.ts';

if (!customElements.get('stowaway-download'))
  customElements.define('stowaway-download', StowawayDownloadElement);

declare global {
  interface HTMLElementTagNameMap {
    'stowaway-download': StowawayDownloadElement;
  }
}
