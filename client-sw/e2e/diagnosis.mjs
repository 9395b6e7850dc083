/** What is told of a failed test: what the browser said, what the client knows, what proxy and server saw. */
import { withLimit } from './wait-for.mjs';

const QUESTION_LIMIT_MS = 3_000;
const TAIL_REQUESTS = 40;

export async function diagnose(world) {
  const parts = [];
  for (const { browser } of world.browsers) {
    parts.push(`-- ${browser.name}: console\n${browser.console}`);
    for (const page of browser.pages) parts.push(`-- ${browser.name}: ${page.url()}\n${await askPage(page)}`);
  }
  parts.push(`-- through the proxy\n${describeRequests(world.proxy.requests)}`);
  parts.push(`-- server log\n${world.server.log.tail()}`);
  return parts.join('\n');
}

/** The library's own account, and what the page shows; a page that does not answer is told as such. */
async function askPage(page) {
  try {
    const asked = page.evaluate(async () => {
      const downloads = await document.querySelector('stowaway-download')?.downloads?.list();
      const registration = await navigator.serviceWorker.getRegistration();
      return {
        downloads,
        controller: navigator.serviceWorker.controller?.state,
        backgroundFetches: await registration?.backgroundFetch?.getIds(),
        text: document.body.textContent.replaceAll(/\s+/g, ' ').slice(0, 600),
      };
    });
    return JSON.stringify(await withLimit('asking the page', asked, QUESTION_LIMIT_MS), null, 2);
  } catch (error) {
    return `no answer: ${error.message}`;
  }
}

function describeRequests(requests) {
  return requests
    .slice(-TAIL_REQUESTS)
    .map(({ method, path, headers, status, bytes, complete, cut, injected, error }) =>
      [
        method,
        path,
        headers['sec-fetch-mode'],
        headers['sec-fetch-dest'],
        headers.range ?? '-',
        status ?? 'no answer',
        `${bytes} bytes`,
        complete ? 'whole' : '',
        cut ? 'cut by the test' : '',
        injected ? 'status by the test' : '',
        error ?? '',
      ].join(' '),
    )
    .join('\n');
}
