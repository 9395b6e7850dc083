/**
 * What moves bytes for a page: a file of its own, loaded when the first download is prepared. Pages that only look at
 * what is stored need none of it.
 */

export { restoreKept } from '../storage/restore-kept.ts';
export { removeDownload } from '../storage/sweep.ts';
export { driveDownload } from '../transport/drive.ts';
export { verifyManifest } from '../transport/verify-manifest.ts';
export { beginAfresh as beginDownload, takeGiven } from './begin-afresh.ts';
export { endForgotten } from './end-forgotten.ts';
export { followBackgroundFetch } from './follow-background-fetch.ts';
export { keepArrived } from './keep-arrived.ts';
export { lookAfter } from './look-after.ts';
