// Tests call these functions, so they must exist before the first test is imported.
import { installGlobals } from 'jasmine-core';

installGlobals();
jasmine.DEFAULT_TIMEOUT_INTERVAL = 60_000;
// Some tests have equal names.
jasmine.getEnv().configure({ forbidDuplicateNames: false });
