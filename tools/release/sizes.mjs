// `npm run sizes -- [--write] [--only core,solvers] [--tarballs folder]`: measures each package alone. Installs the
// tarball of the package, the tarballs of our packages that it depends on, and dependencies from npm in an empty
// folder. Runs the program of the package there, and compares the packed, the installed and the bundled size with
// budgets.json.
import { copyFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { statementsOf } from '../../packages/testkit/private/statements.mjs';
import { bundleSizes, leftBehind } from './bundle.mjs';
import { tarballs } from './pack.mjs';
import { importsOf, runProgram } from './program.mjs';
import { install, sizeOf } from './project.mjs';
import { asCommand, inEmptyFolder, inTurns, progress } from './run.mjs';
import { problemsOf, sizesPage, sizesTable } from './sizes-report.mjs';
import { closure, entries, publishable, root } from './workspace.mjs';

/** @import { Manifest, Publishable } from './workspace.mjs' */

/** Packages that are not bundled for pages. */
const NOT_FOR_PAGES = new Set([
  '@impflow/trainer',
  '@impflow/testkit',
  '@impflow/queue',
  '@impflow/jobs',
  '@impflow/mpi',
  '@impflow/kernels-native',
  '@impflow/plots',
  '@impflow/duckdb',
]);
/** @param {string} path */
const read = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
/** @type {Manifest} */
const rootManifest = read('../../package.json');

/**
 * Installs one package alone, runs its program, and measures sizes in bytes.
 *
 * @param {Publishable} one
 * @param {readonly Publishable[]} packages
 * @param {ReadonlyMap<string, string>} packed Paths of the tarballs by package name.
 */
const measure = (one, packages, packed) =>
  inEmptyFolder(one.short, async (folder) => {
    const program = readFileSync(new URL(`programs/${one.short}.mjs`, import.meta.url), 'utf8');
    const imported = importsOf(program);
    const ours = closure([one.name, ...imported.filter((name) => packed.has(name))], packages);
    // The backend of TensorFlow.js that the program imports, if any. tfjs-core is installed as a peer dependency.
    const dependencies = Object.fromEntries(
      Object.entries(rootManifest.devDependencies ?? {}).filter(
        ([name]) => name.startsWith('@tensorflow/tfjs-backend') && program.includes(`'${name}'`),
      ),
    );
    await install(folder, { ours, tarballs: packed, dependencies });
    for (const [, path] of program.matchAll(/^\/\/ With (\S+)$/gm))
      copyFileSync(join(root, path), join(folder, basename(path)));
    const said = await runProgram(folder, one.short, program);

    const { dependencies: brings = {}, peerDependenciesMeta: optional = {} } = one.manifest;
    const specifiers = entries(one).map(({ specifier }) => specifier);
    const forPages = !NOT_FOR_PAGES.has(one.name);
    const modules = join(folder, 'node_modules');
    return {
      name: one.name,
      statements: statementsOf(program),
      said,
      beside: ours.filter((name) => name !== one.name),
      thirdParty: Object.keys(brings).filter((name) => !packed.has(name)),
      packed: statSync(String(packed.get(one.name))).size,
      installed: {
        own: sizeOf(join(modules, one.name)),
        ours: sizeOf(join(modules, '@impflow')),
        all: sizeOf(modules),
      },
      ...(forPages
        ? {
            bundle: await bundleSizes(folder, specifiers, Object.keys(optional)),
            left: Math.max(
              ...(await inTurns(specifiers, (specifier) => leftBehind(folder, specifier, Object.keys(optional)), 1)),
            ),
          }
        : {}),
    };
  });

await asCommand('sizes', async () => {
  const { values } = parseArgs({
    options: { write: { type: 'boolean', default: false }, only: { type: 'string' }, tarballs: { type: 'string' } },
  });
  const say = progress('sizes');
  const packages = publishable();
  const wanted =
    values.only === undefined
      ? packages
      : values.only.split(',').map(
          (short) =>
            packages.find((one) => one.short === short) ??
            (() => {
              throw new Error(
                `Unknown package ${short}: expected some of ${packages.map((one) => one.short).join(', ')}.`,
              );
            })(),
        );
  const packed = await tarballs(values.tarballs, say);
  const measured = await inTurns(wanted, async (one) => {
    const found = await measure(one, packages, packed);
    say(`${one.name}: ${found.said}`);
    return found;
  });
  console.log(sizesTable(measured));
  const problems = problemsOf(measured, read('budgets.json'));
  if (values.write && problems.length === 0 && wanted.length === packages.length) {
    writeFileSync(
      join(root, 'docs/sizes.md'),
      sizesPage(measured, { node: process.versions.node, rolldown: String(rootManifest.dependencies?.rolldown) }),
    );
    say('docs/sizes.md is written; npm run options copies the sizes into the READMEs');
  }
  if (problems.length > 0) throw new Error(`over budget, or wrong:\n${problems.join('\n')}`);
});
