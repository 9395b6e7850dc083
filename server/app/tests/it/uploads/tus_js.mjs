// Uploads a file with tus-js-client, is stopped in the middle, and goes on.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [packageFile, endpoint, file, sha256] = process.argv.slice(2);
const { Upload } = createRequire(packageFile)("tus-js-client");
const bytes = readFileSync(file);

function upload(options) {
  return new Promise((resolve, reject) => {
    const upload = new Upload(bytes, {
      endpoint,
      headers: { Authorization: `Bearer ${process.env.STOWAWAY_TOKEN}` },
      metadata: { sha256, filename: "a.wav" },
      chunkSize: 200_000,
      retryDelays: [0, 100, 500, 1000, 1000],
      onError: reject,
      onSuccess: () => resolve(upload.url),
      ...options,
      onChunkComplete: (size, accepted) => options.onChunk?.(upload, accepted, resolve),
    });
    upload.start();
  });
}

const stopped = await upload({
  onChunk: async (upload, accepted, resolve) => {
    if (accepted < 400_000) return;
    await upload.abort();
    resolve(upload.url);
  },
});
let first;
await upload({ uploadUrl: stopped, onChunk: (_, accepted) => (first ??= accepted) });
if (first <= 400_000) throw new Error(`began again, at ${first}`);
console.log(`went on, to ${first} after the first chunk`);

// A file in parallel pieces is not taken, and said to be so.
const inPieces = { parallelUploads: 3, metadataForPartialUploads: { sha256 }, retryDelays: null };
const refused = await upload(inPieces).then(
  () => "nothing",
  (error) => error.originalResponse?.getBody(),
);
if (!refused.includes("Concatenation is not spoken here")) throw new Error(`refused with ${refused}`);

// With the first bytes in the request that makes the upload, and one that is not wanted.
const unwanted = new Upload(bytes, {
  endpoint,
  headers: { Authorization: `Bearer ${process.env.STOWAWAY_TOKEN}` },
  metadata: { sha256 },
  uploadDataDuringCreation: true,
  chunkSize: 100_000,
  onChunkComplete: () => unwanted.abort(true).then(() => console.log("removed")),
});
unwanted.start();
