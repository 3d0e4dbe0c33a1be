// Tests call these functions, so they must exist before the first test is imported.
// @ts-expect-error -- the package has no types
import { installGlobals } from 'jasmine-core';
import { globalJasmine } from './jasmine-of-tfjs.mjs';

installGlobals();
const jasmine = globalJasmine();
jasmine.DEFAULT_TIMEOUT_INTERVAL = 60_000;
// Some tests have equal names.
jasmine.getEnv().configure({ forbidDuplicateNames: false });
