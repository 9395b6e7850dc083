/** Defines `<stowaway-library>`, and `<stowaway-download>`, which it is made of. */
import { StowawayLibraryElement } from './library/stowaway-library.ts';

export type { StowawayLibraryMembers } from './api.ts';
export * from './define.ts';
export { StowawayLibraryElement } from './library/stowaway-library.ts';

if (!customElements.get('stowaway-library'))
  customElements.define('stowaway-library', StowawayLibraryElement);

declare global {
  interface HTMLElementTagNameMap {
    'stowaway-library': StowawayLibraryElement;
  }
}
