// Writes k6's end-of-test data as JSON for `loadtests/run`, and a few lines for a person.

/** For `export const handleSummary = summarise`. The file is named by $SUMMARY. */
export function summarise(data) {
  const outputs = { stdout: `${lines(data).join('\n')}\n` };
  if (__ENV.SUMMARY) outputs[__ENV.SUMMARY] = JSON.stringify(data, null, 1);
  return outputs;
}

function lines(data) {
  const { metrics } = data;
  return [
    `iterations ${metrics.iterations.values.count}, requests ${metrics.http_reqs.values.count}, received ${metrics.data_received.values.count} bytes`,
    `request duration p95 ${metrics.http_req_duration.values['p(95)'].toFixed(1)} ms, max ${metrics.http_req_duration.values.max.toFixed(1)} ms`,
    ...Object.entries(metrics).flatMap(([name, metric]) =>
      Object.entries(metric.thresholds || {}).map(([rule, result]) => `${result.ok ? 'kept  ' : 'BROKEN'} ${name}: ${rule}`),
    ),
  ];
}
