// What this server's API has: a console that is newer than its server offers no more than that. Pure.

export interface Offers {
  readonly publications: boolean;
  readonly stats: boolean;
  readonly jobs: boolean;
}

/** Reads what `/api/openapi.json` lists. */
export function readOffers(document: { readonly paths?: Readonly<Record<string, unknown>> }): Offers {
  const paths = document.paths ?? {};
  return {
    publications: '/api/tags/{tag}/publications' in paths && '/api/uploads' in paths,
    stats: '/api/stats' in paths && '/api/tags/{tag}/use' in paths,
    jobs: '/api/jobs' in paths && '/api/jobs/{id}' in paths,
  };
}
