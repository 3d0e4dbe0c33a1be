// `node tools/drift/setup.mjs`: creates the Python environments of the contenders of the program `drift`. Does nothing if
// they are complete.
import { makeEnvironment } from '../bench/environment.mjs';
import { PEERS } from './python.mjs';

/** @type {Readonly<Record<string, { space: string; check: string }>>} */
const CHECKS = {
  'alibi-detect': { space: 'some 7 GB', check: 'import torch; from alibi_detect.cd import ClassifierDrift, MMDDrift' },
  evidently: { space: 'some 1 GB', check: 'from evidently.presets import DataDriftPreset' },
  nannyml: { space: 'some 1 GB', check: 'import nannyml' },
};
for (const [name, environment] of Object.entries(PEERS))
  makeEnvironment(environment, { name, minor: 11, installing: name, ...CHECKS[name] });
console.error('[drift] The contenders are ready for npm run measure -- drift.');
