/** Looking after downloads: whether they are still whole, what they would take, and how they stand. */
export { diagnose } from './diagnose.ts';
export { estimateDownload, estimateStorage } from './estimate.ts';
export { lookOver, lookOverAll } from './look-over.ts';
