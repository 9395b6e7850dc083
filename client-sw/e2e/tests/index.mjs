/**
 * All tests in the order they run. Each has a name that begins with its browser, `run(world)`, and `long` when it belongs
 * to the long lane.
 */
import { accessibilityTests } from './accessibility.mjs';
import { appearanceTests } from './appearance.mjs';
import { backgroundFetchTests } from './background-fetch.mjs';
import { backgroundFetchFaultTests } from './background-fetch-faults.mjs';
import { backgroundFetchStorageTests } from './background-fetch-storage.mjs';
import { backgroundSyncFaultTests } from './background-sync-faults.mjs';
import { consoleTests } from './console.mjs';
import { controlTests } from './control.mjs';
import { dictionaryTests } from './dictionary.mjs';
import { faultTests } from './faults.mjs';
import { guideTests } from './guide.mjs';
import { interruptionTests } from './interruption.mjs';
import { mediaSessionTests } from './media-session.mjs';
import { otherSiteTests } from './other-site.mjs';
import { playingTests } from './playing.mjs';
import { policyTests } from './policy.mjs';
import { progressiveFaultTests } from './progressive-faults.mjs';
import { quotaTests } from './quota.mjs';
import { restartTests } from './restarts.mjs';
import { sharingTests } from './sharing.mjs';
import { signedAddressTests } from './signed-addresses.mjs';
import { soakTests } from './soak.mjs';
import { staticSiteTests } from './static-site.mjs';
import { storageTests } from './storage.mjs';
import { supportTests } from './support.mjs';
import { updateTests } from './update.mjs';
import { webkitTests } from './webkit.mjs';
import { workboxTests } from './workbox.mjs';

export const tests = [
  ...backgroundFetchTests,
  ...interruptionTests,
  ...controlTests,
  ...storageTests,
  ...faultTests,
  ...backgroundFetchFaultTests,
  ...backgroundSyncFaultTests,
  ...backgroundFetchStorageTests,
  ...signedAddressTests,
  ...quotaTests,
  ...progressiveFaultTests,
  ...restartTests,
  ...soakTests,
  ...updateTests,
  ...sharingTests,
  ...dictionaryTests,
  ...policyTests,
  ...playingTests,
  ...mediaSessionTests,
  ...otherSiteTests,
  ...staticSiteTests,
  ...guideTests,
  ...workboxTests,
  ...accessibilityTests,
  ...appearanceTests,
  ...consoleTests,
  ...supportTests,
  ...webkitTests,
];
