/** Looking after downloads: what they would take, and how they stand. Loaded when first asked for. */
export { diagnose } from './diagnose.ts';
export { estimateDownload, estimateStorage } from './estimate.ts';
