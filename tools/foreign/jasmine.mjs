// The functions that tests call must be there before the first test is imported.
import { installGlobals } from 'jasmine-core';

installGlobals();
jasmine.DEFAULT_TIMEOUT_INTERVAL = 60_000;
// Some tests have the name of another.
jasmine.getEnv().configure({ forbidDuplicateNames: false });
