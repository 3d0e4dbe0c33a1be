// Runs the tests in this process and writes the result of each test. The order of the imports matters.
// oxlint-disable-next-line import/no-unassigned-import -- imported for what it registers
import './jasmine.mjs';
// oxlint-disable-next-line import/no-unassigned-import -- imported for what it registers
import './environment.mjs';
// oxlint-disable-next-line import/no-unassigned-import -- imported for what it registers
import 'tfjs-core-tests/tests.js';
import { writeFileSync } from 'node:fs';
import { file, only } from './environment.mjs';
import { globalJasmine } from './jasmine-of-tfjs.mjs';

/** @type {Record<string, string>} */
const results = {};
/**
 * Returns the name of a test, with a number if the name has occurred before.
 *
 * @param {string} fullName
 */
const named = (fullName) => {
  const name = fullName.replace(/ wasm \{[^}]*\}/, '');
  for (let i = 1; ; i++) {
    const candidate = i === 1 ? name : `${name} (${i})`;
    if (!(candidate in results)) return candidate;
  }
};
const env = globalJasmine().getEnv();
env.configure({ random: false, specFilter: (/** @type {any} */ spec) => spec.getFullName().includes(only ?? '') });
env.addReporter({
  specDone: (/** @type {any} */ { fullName, status, failedExpectations }) => {
    if (status === 'passed') results[named(fullName)] = '';
    if (status === 'failed')
      results[named(fullName)] = failedExpectations[0]?.message.split('\n')[0].slice(0, 200) || 'failed';
  },
});
await env.execute();
writeFileSync(file, JSON.stringify(results));
process.exit(0);
