// Static checks: format, lint, types of the tests and the tools, floors of packages, files generated from the records
// of options, API reports. All checks run, also after a failure.
import { spawnSync } from 'node:child_process';

/** @type {readonly (readonly [what: string, args: readonly string[]])[]} */
const steps = [
  ['format', ['node_modules/oxfmt/bin/oxfmt', '--check']],
  ['lint', ['node_modules/oxlint/bin/oxlint', '--quiet']],
  ['types of the tests', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.tests.json']],
  ['types of the tools', ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.tools.json']],
  ['types of the playground', ['node_modules/typescript/bin/tsc', '-p', 'apps/demo']],
  ['boundaries', ['tools/boundaries.mjs']],
  ['options', ['tools/options/write.mjs', '--check']],
  ['API reports', ['tools/release/api.mjs', '--check']],
];
/** @type {string[]} */
const failed = [];
for (const [what, args] of steps) {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  console.error(`[check] ${what}: ${status === 0 ? 'fine' : 'FAILED'}.`);
  if (status !== 0) failed.push(what);
}
if (failed.length > 0) {
  console.error(`[check] Failed: ${failed.join(', ')}.`);
  process.exit(1);
}
