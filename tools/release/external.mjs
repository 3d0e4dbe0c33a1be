// `node tools/release/external.mjs [--tarballs folder]`: tests the plugin of examples/external-solver outside the
// workspace. In an empty folder with the packed packages, it runs the tests and the build of the plugin, a training
// that uses the plugin by its name, and the bundle of the plugin for a page.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tarballs } from './pack.mjs';
import { runInPage } from './program.mjs';
import { install } from './project.mjs';
import { asCommand, inEmptyFolder, node, progress, run } from './run.mjs';
import { closure, publishable, root } from './workspace.mjs';

const TRAIN = [
  '--data',
  'moons',
  '--steps',
  '20',
  '--blocks',
  '2',
  '--hidden',
  '16,16',
  '--batch',
  '64',
  '--workers',
  '1',
  '--quiet',
  '--json',
];

/**
 * Program of a page that uses the bundled plugin as the playground does: loads it, extends the registries, creates the
 * solver by name, and solves.
 */
const PAGE = `import { cpu } from '@impflow/backend-cpu';
import { builtInRegistries, extendRegistries } from '@impflow/flows';
import { orThrow, solve } from '@impflow/solvers';
import { cos, tensor2d } from '@tensorflow/tfjs-core';
await cpu().start();
const { solver } = extendRegistries(builtInRegistries, await import(new URL('irons-tuck.js', location.href).href), 'irons-tuck.js');
const { value } = orThrow(solve(cos, tensor2d([[0], [3]]), { solver: solver.create({ name: 'irons-tuck', options: { first: 0.5 } }) }));
console.log(\`x = cos(x) at \${value.dataSync()}\`);
if (!value.dataSync().every((x) => Math.abs(x - 0.7390851) < 2e-6)) throw new Error('That is wrong.');
`;

/**
 * Tests the plugin of the example.
 *
 * @param {ReadonlyMap<string, string>} packed Paths of tarballs by name.
 * @param {(what: string) => void} [say]
 * @throws if a step fails.
 */
export const tryExternal = (packed, say = () => {}) =>
  inEmptyFolder('external', async (folder) => {
    cpSync(join(root, 'examples/external-solver'), folder, {
      recursive: true,
      filter: (from) => !/[/\\](node_modules|dist)$/.test(from),
    });
    const { devDependencies, ...manifest } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const wants = Object.keys(devDependencies);
    const ours = closure([...wants.filter((name) => packed.has(name)), '@impflow/trainer'], publishable());
    // Tarballs replace packages in versions that are not in the registry yet. npm refuses a tarball whose version does
    // not match the peer range for @impflow/core.
    say(`installing ${ours.length} tarballs beside it`);
    await install(folder, {
      ours,
      tarballs: packed,
      manifest,
      dependencies: Object.fromEntries(Object.entries(devDependencies).filter(([name]) => !packed.has(name))),
    });
    say('its tests');
    await node(['node_modules/vitest/vitest.mjs', 'run'], { cwd: folder });
    say('its build');
    await run('npm', ['run', 'build'], { cwd: folder });
    await run('npm', ['run', 'bundle'], { cwd: folder });
    say('impflow train --plugin ./dist/index.js --solver irons-tuck');
    const { stdout } = await node(
      [
        'node_modules/@impflow/trainer/bin/impflow.mjs',
        'train',
        '--plugin',
        './dist/index.js',
        '--solver',
        'irons-tuck',
        ...TRAIN,
        '--out',
        'run',
      ],
      { cwd: folder },
    );
    const { solver } = JSON.parse(readFileSync(join(folder, 'run/config.json'), 'utf8')).options;
    if (solver !== 'irons-tuck')
      throw new Error(`impflow train took another solver: expected irons-tuck, got ${solver}.\n${stdout}`);
    say('its file for a page, in Chromium');
    writeFileSync(join(folder, 'page.mjs'), PAGE);
    say((await runInPage(folder, 'page.mjs', ['dist/page/irons-tuck.js'])).stdout);
  });

if (process.argv[1] === import.meta.filename) {
  await asCommand('external', async () => {
    const { values } = parseArgs({ options: { tarballs: { type: 'string' } } });
    const say = progress('external');
    await tryExternal(await tarballs(values.tarballs, say), say);
    say('done');
  });
}
