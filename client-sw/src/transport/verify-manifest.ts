/** Recomputes the digest that a manifest says it has: every other digest that is believed comes out of it. */
import { hexOf } from '../core/address.ts';
import { releaseText } from '../core/release-digest.ts';
import { ManifestError } from '../errors/manifest-error.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { sha256 } from './digest.ts';

const verified = new WeakSet<Manifest>();

/** @throws ManifestError when the manifest is not the one that its digest names */
export async function verifyManifest(manifest: Manifest): Promise<void> {
  if (verified.has(manifest)) return;
  const { tag, digest } = manifest.download;
  if ((await sha256(new TextEncoder().encode(releaseText(manifest)))) !== hexOf(digest))
    throw new ManifestError(`The manifest of ${tag} does not match its own digest.`);
  verified.add(manifest);
}
