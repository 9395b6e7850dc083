/**
 * What networks and servers do to requests for pieces, whoever makes them: how each fault is set up before the first byte, and the
 * bytes that it destroys at most.
 */
import assert from 'node:assert/strict';
import { downloadRequests } from './accounts.mjs';
import { waitForDownload } from './client-state.mjs';
import { brokenBytes, cutIntoAnotherEtag, largestPiece } from './fault-run.mjs';
import { WAVES } from './fixtures.mjs';

export const isPart = (path) => /^\/blobs\/.*\/pieces\//.test(path);

export const SERVER_ERRORS = {
  setUp({ world: { proxy } }) {
    for (const status of [500, 503]) proxy.fault({ matches: isPart, status, times: 2 });
  },
  destroyed: () => 0,
};

/** A cut loses the piece it falls into, and what the other connections of that round had on their way. */
export const CUTS = {
  setUp({ world: { proxy } }) {
    for (const part of [0.999, 0.5, 0.01, 0.7])
      proxy.fault({ matches: isPart, cutAfter: (length) => Math.floor(length * part) });
  },
  destroyed: brokenBytes,
};

export const WRONG_BYTE = {
  setUp({ world: { proxy } }) {
    proxy.fault({ matches: isPart, damageAt: (length) => Math.floor(length / 2) });
  },
  destroyed: ({ pieceIndex }) => largestPiece(pieceIndex),
};

/** Firefox takes a broken answer up again by itself, with If-Range; the library asks for what is missing, whatever its ETag. */
export const ANOTHER_ETAG = {
  setUp(run) {
    cutIntoAnotherEtag(run, isPart, () => {
      run.changedAt = run.world.proxy.requests.length;
    });
  },
  destroyed: brokenBytes,
  check({ world, changedAt }) {
    const after = downloadRequests(world.proxy.since(changedAt)).filter(({ complete }) => complete);
    assert.ok(after.length > 1, 'answers with another ETag');
  },
};

/** The server and every connection to it go in mid-download, and both come back once the client has noticed. */
export const KILLED_SERVER = {
  async meanwhile({ world, page, id = WAVES }) {
    await world.goAway();
    await waitForDownload(page, id, 'paused', ({ state }) => state === 'paused');
    await world.comeBack();
  },
  destroyed: brokenBytes,
};
