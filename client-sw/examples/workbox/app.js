// The page's script: it registers the site's worker as before, and tells Stowaway to use that one.
import { createDownloads } from 'stowaway-client';
import { useDownloads } from 'stowaway-client/element';

navigator.serviceWorker.register('/sw.js');
useDownloads(createDownloads({ server: STOWAWAY_SERVER, serviceWorker: navigator.serviceWorker.ready }));
