// Runs in the gallery's page. STOWAWAY_URL is filled in.
import 'STOWAWAY_URL/client/stowaway-library.js';

const query = new URLSearchParams(location.search);
const root = document.documentElement;
root.lang = query.get('lang') ?? 'en';
root.dir = query.get('dir') ?? 'ltr';
root.dataset.scheme = query.get('scheme') ?? 'light';

const TOTAL = 34_500_000;
const TITLE = { ar: 'تسجيل ميداني', de: 'Tonaufnahmen draußen' }[root.lang] ?? 'Field Recording';

function download(change) {
  return {
    id: 't',
    tag: 't',
    selection: 'everything',
    title: TITLE,
    release: 1,
    manifestUrl: `${location.origin}/tags/t/manifest.json`,
    state: 'downloading',
    transport: 'pieces',
    bytesTotal: TOTAL,
    bytesStored: 0,
    bytesReceived: 12_345_678,
    createdAt: 0,
    updatedAt: 0,
    ...change,
  };
}

const failed = (code) => download({ state: 'failed', error: { code, message: code } });
const STATES = {
  idle: undefined,
  starting: download({ bytesReceived: 0 }),
  downloading: download({}),
  'standing still': download({ transport: 'background-fetch' }),
  verifying: download({ state: 'verifying' }),
  'paused by a person': download({ state: 'paused', pauseReason: 'user' }),
  'paused in the browser': download({ state: 'paused', pauseReason: 'browser' }),
  'waiting for the network': download({ state: 'paused', pauseReason: 'offline' }),
  'waiting for a free network': download({ state: 'paused', pauseReason: 'metered' }),
  'waiting for the hour': download({ state: 'paused', pauseReason: 'schedule' }),
  'too little room': download({ state: 'paused', pauseReason: 'progressive', transport: 'progressive' }),
  'being repaired': download({ state: 'damaged' }),
  expired: download({ state: 'stale', bytesReceived: TOTAL }),
  complete: download({ state: 'complete', bytesReceived: TOTAL }),
  'complete, and a newer release': download({ state: 'complete', bytesReceived: TOTAL }),
  'asked to remove': download({ state: 'complete', bytesReceived: TOTAL }),
  'failed, no room': failed('quota-exceeded'),
  'failed, damaged': failed('damaged'),
};

/** What the elements ask of a library instance. */
function instance(state, { newer = false, still = false, list = [] } = {}) {
  const everything = { id: 'everything', downloadTotal: TOTAL, backgroundFetch: { title: TITLE } };
  return {
    server: `${location.origin}/`,
    ready: Promise.resolve(),
    idOf: (tag) => tag,
    get: async () => {
      if (still) await hurryNextWait();
      return state;
    },
    list: async () => list,
    load: async () => ({ download: { release: newer ? 2 : 1, selections: [everything] } }),
    estimate: async () => ({
      usage: 60_000_000,
      quota: 200_000_000,
      persisted: false,
      stored: 57_000_000,
      bytesToFetch: 1_300_000,
    }),
    diagnose: async () => 'a report',
    subscribe: () => () => undefined,
  };
}

/** The next wait of minutes is over at once: that of an element which is told something now, while no other is. */
async function hurryNextWait() {
  await new Promise((resolve) => setTimeout(resolve));
  const { setTimeout: wait } = globalThis;
  globalThis.setTimeout = (act, ms, ...rest) => {
    if (ms < 60_000) return wait(act, ms, ...rest);
    globalThis.setTimeout = wait;
    return wait(act, 0, ...rest);
  };
}

for (const [name, state] of Object.entries(STATES)) {
  const section = document.createElement('section');
  const heading = document.createElement('h2');
  heading.textContent = name;
  heading.lang = 'en';
  heading.dir = 'ltr';
  const element = document.createElement('stowaway-download');
  element.tag = 't';
  element.downloads = instance(state, {
    newer: name.includes('newer'),
    still: name === 'standing still',
  });
  section.append(heading, element);
  section.dataset.state = name;
  document.querySelector('#states').append(section);
}

const library = document.createElement('stowaway-library');
library.href = '/play?tag={tag}';
const kept = [
  download({ state: 'complete', bytesReceived: TOTAL }),
  download({ id: 'u', tag: 'u', state: 'paused', pauseReason: 'user' }),
];
library.downloads = instance(kept[0], { list: kept });
const empty = document.createElement('stowaway-library');
empty.downloads = instance(undefined);
document.querySelector('#library').append(library, empty);

if (query.get('without') === 'light-dark') pretendOlder();

/** What a browser without `light-dark()` makes of the elements' style sheets. */
function pretendOlder() {
  const roots = [...document.querySelectorAll('stowaway-download, stowaway-library')].map(
    (element) => element.shadowRoot,
  );
  for (const sheet of new Set(roots.flatMap((shadow) => shadow.adoptedStyleSheets))) {
    for (let i = sheet.cssRules.length - 1; i >= 0; i -= 1) {
      if (sheet.cssRules[i] instanceof CSSSupportsRule) sheet.deleteRule(i);
    }
  }
}

// The question is asked by its own button.
const section = document.querySelector('[data-state="asked to remove"] stowaway-download');
const still = document.querySelector('[data-state="standing still"] stowaway-download');
const timer = setInterval(() => {
  const button = section.shadowRoot.querySelector('[data-action=remove]:not([hidden])');
  const hint = still.shadowRoot.querySelector('[part=hint]:not([hidden])');
  if (!button || !hint) return;
  clearInterval(timer);
  button.click();
  document.activeElement?.blur();
  root.dataset.shown = 'yes';
}, 20);
