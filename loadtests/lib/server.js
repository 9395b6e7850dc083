// Requests to Stowaway, each under a name that stays the same whatever the address (metrics are grouped by it).
import http from 'k6/http';

const ORIGIN = __ENV.ORIGIN;
if (!ORIGIN) throw new Error('set ORIGIN to the base URL of a running server, such as http://127.0.0.1:8080');

/** GET of text; `headers` may hold conditions. A 304 is a success where it was asked for. */
export function getDocument(name, path, headers = {}, statuses = [200]) {
  return get(name, path, { headers }, statuses);
}

/** GET of bytes. */
export function getBytes(name, path, headers = {}, statuses = [200]) {
  return get(name, path, { headers, responseType: 'binary' }, statuses);
}

function get(name, path, params, statuses) {
  const answer = http.get(ORIGIN + path, { ...params, tags: { name }, responseCallback: http.expectedStatuses(...statuses) });
  // A check that fails says only how often: this says what came instead.
  if (!statuses.includes(answer.status))
    console.error(`${name}: GET ${path} ${JSON.stringify(params.headers)} got ${answer.status} ${answer.error} after ${answer.timings.duration} ms`);
  return answer;
}
