// The console: signs in, then shows the view that the address names.

import { required } from '../demo/views/dom.ts';
import { Shell } from './session/shell.ts';

new Shell({
  view: required('view'),
  main: required('main'),
  navigation: required('views'),
  account: required('account'),
  announcements: required('announcements'),
  skip: required('skip'),
}).open();
