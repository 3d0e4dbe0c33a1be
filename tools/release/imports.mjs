// Imports every export of every entry point in a project with the installed tarballs, and checks that the imports have
// no side effects.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastJson } from '../last-json.mjs';
import { run } from './run.mjs';
import { entries } from './workspace.mjs';

/** @import { Publishable } from './workspace.mjs' */

/**
 * Returns a program that prints the names that each entry point exports. The program fails if an import changes the
 * registries of TensorFlow.js or the global variables.
 *
 * @param {readonly string[]} specifiers
 */
const program = (specifiers) => `import { engine } from '@tensorflow/tfjs-core';
const state = () => JSON.stringify([Object.keys(globalThis), Object.keys(engine().registryFactory), engine().backendName, [...(globalThis._tfGlobals ?? [])].map(([name, { size }]) => [name, size])]);
const names = {};
for (const specifier of ${JSON.stringify(specifiers)}) {
  const before = state();
  const module = await import(specifier);
  if (state() !== before) throw new Error(\`Importing \${specifier} does something: expected no change, got \${state()} after \${before}\`);
  names[specifier] = Object.keys(module);
  for (const name of names[specifier]) if (module[name] === undefined) throw new Error(\`\${specifier} exports \${name}, which is undefined.\`);
}
console.log(JSON.stringify(names));
`;

/**
 * Returns a test that imports entry points for vitest, which can be loaded only in a test.
 *
 * @param {readonly string[]} specifiers
 */
const inVitest = (specifiers) => `import { expect, it } from 'vitest';
${specifiers.map((specifier, i) => `import * as all${i} from '${specifier}';`).join('\n')}
it('every export of these entry points is defined', () => {
  for (const all of [${specifiers.map((_, i) => `all${i}`).join(', ')}]) for (const name of Object.keys(all)) expect([name, all[name]]).not.toContain(undefined);
});
`;

/** @typedef {Readonly<Record<string, readonly string[]>>} Names Names that each entry point exports. */

/**
 * Returns the names that each entry point exports. Entry points that can be loaded only in a test are checked, but not
 * returned.
 *
 * @param {string} folder
 * @param {readonly Publishable[]} packages
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Names>}
 */
export const importAll = async (folder, packages, env) => {
  /** @param {Publishable} one */
  const isForTests = ({ manifest }) => manifest.peerDependencies?.vitest !== undefined;
  /** @param {readonly Publishable[]} some */
  const of = (some) => some.flatMap(entries).map(({ specifier }) => specifier);
  writeFileSync(join(folder, 'imports.mjs'), program(of(packages.filter((one) => !isForTests(one)))));
  writeFileSync(join(folder, 'imports.test.mjs'), inVitest(of(packages.filter(isForTests))));
  const { stdout } = await run('node', ['imports.mjs'], { cwd: folder, env });
  await run('node', ['node_modules/vitest/vitest.mjs', 'run', 'imports.test.mjs'], { cwd: folder, env });
  return lastJson(stdout);
};
