// Requests to Stowaway, each under a name that stays the same whatever the address (metrics are grouped by it).
import http from 'k6/http';

const ORIGIN = __ENV.ORIGIN;
if (!ORIGIN) throw new Error('set ORIGIN to the base URL of a running server, such as http://127.0.0.1:8080');

/** GET of text; `headers` may hold conditions. A 304 is a success where it was asked for. */
export function getDocument(name, path, headers = {}, statuses = [200]) {
  return http.get(ORIGIN + path, { headers, tags: { name }, responseCallback: http.expectedStatuses(...statuses) });
}

/** GET of bytes. */
export function getBytes(name, path, headers = {}, statuses = [200]) {
  return http.get(ORIGIN + path, {
    headers,
    tags: { name },
    responseType: 'binary',
    responseCallback: http.expectedStatuses(...statuses),
  });
}
