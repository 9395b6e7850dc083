// What every run must keep. Generous in time, since a smoke runs beside other work; exact in correctness.

/** Every check holds, no request fails, nothing had to be dropped, and answers come in a sane time. */
export const THRESHOLDS = {
  checks: ['rate==1'],
  http_req_failed: ['rate==0'],
  dropped_iterations: ['count==0'],
  'http_req_duration{name:catalogue}': ['p(95)<1000'],
  'http_req_duration{name:manifest}': ['p(95)<1000'],
  'http_req_duration{name:range}': ['p(95)<1000'],
  'http_req_duration{name:piece}': ['p(95)<2000'],
};
