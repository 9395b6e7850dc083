// Which view shows which place.

import type { Route } from '../routes/route.ts';
import { diffView } from './diff.ts';
import { jobsView } from './jobs.ts';
import { publishView } from './publish.ts';
import { storageView } from './storage.ts';
import { tagView } from './tag.ts';
import { tagsView } from './tags.ts';
import { tokensView } from './tokens.ts';
import type { Shown, Surroundings } from './view.ts';

export async function showRoute(route: Route, surroundings: Surroundings): Promise<Shown> {
  switch (route.view) {
    case 'tags':
      return tagsView(route, surroundings);
    case 'tag':
      return tagView(route.tag, surroundings);
    case 'diff':
      return diffView(route, surroundings);
    case 'publish':
      if (surroundings.scopes.mayPublishSomething) return publishView(route.tag, surroundings);
      break;
    case 'tokens':
      if (surroundings.scopes.isAdmin) return tokensView(route.after, surroundings);
      break;
    case 'storage':
      if (surroundings.scopes.maySeeStorage) return storageView(route.after, surroundings);
      break;
    case 'jobs':
      if (surroundings.scopes.mayKeepHouse) return jobsView(route.after, surroundings);
      break;
  }
  // A place that this token or this server does not have.
  return tagsView({ prefix: '', after: undefined }, surroundings);
}
