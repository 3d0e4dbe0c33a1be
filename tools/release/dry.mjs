// `npm run release:dry [-- --tarballs folder]`: rehearses a release: packs all packages, installs them outside the
// workspace as a user does, and tests them.
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../message-of.mjs';
import { otherNodes } from '../nodes/node-of.mjs';
import { checkConsumer, COMPILERS, RESOLUTIONS, writeConsumer } from './consumer.mjs';
import { tryExternal } from './external.mjs';
import { importAll } from './imports.mjs';
import { tryNative } from './native.mjs';
import { tarballs } from './pack.mjs';
import { tryPage } from './page.mjs';
import { install } from './project.mjs';
import { runReadmes } from './readmes.mjs';
import { asCommand, inEmptyFolder, inTurns, progress, run } from './run.mjs';
import { checkContents, checkPublint, checkTypes } from './tarball.mjs';
import { publishable } from './workspace.mjs';

/** @import { Publishable } from './workspace.mjs' */

const say = progress('release');
/** @type {{ what: string; ok: boolean }[]} */
const results = [];

/**
 * Runs one check and prints its result; after a failure the next checks still run. Resolves to its result, or to
 * `undefined` after a failure.
 *
 * @template T
 * @param {string} what
 * @param {() => T | Promise<T>} job
 * @returns {Promise<{ value: T } | undefined>}
 */
const check = async (what, job) => {
  const begun = performance.now();
  const seconds = () => `${((performance.now() - begun) / 1000).toFixed(1)} s`;
  try {
    const value = await job();
    results.push({ what, ok: true });
    say(`ok      ${what}  ${seconds()}`);
    return { value };
  } catch (error) {
    results.push({ what, ok: false });
    say(`FAILED  ${what}  ${seconds()}\n${messageOf(error)}`);
    return undefined;
  }
};

const BIN = 'node_modules/@impflow/trainer/bin/impflow.mjs';
const TRAIN = [
  'train',
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
  '--out',
  'runs/moons',
];

/**
 * Tries the installed command line, as `npx impflow` calls it.
 *
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 */
const tryBin = async (folder, env) => {
  const { stdout } = await run('node', [BIN, '--version'], { cwd: folder, env });
  await run('npx', ['--no-install', 'impflow', ...TRAIN], { cwd: folder, env });
  return stdout.trim();
};

/**
 * Installs all packages in one project, with one version of Node, and checks the imports and the command line.
 *
 * @param {string} folder
 * @param {{ version: string; path?: string }} nodeVersion
 * @param {object} options
 * @param {readonly Publishable[]} options.packages
 * @param {ReadonlyMap<string, string>} options.packed
 * @param {Readonly<Record<string, string>>} options.dependencies
 */
const tryNode = async (folder, { version, path }, { packages, packed, dependencies }) => {
  mkdirSync(folder);
  const env =
    path === undefined ? {} : { PATH: `${path}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}` };
  const names = packages.map(({ name }) => name);
  if (
    (await check(`Node ${version}: npm install of all tarballs`, () =>
      install(folder, { ours: names, tarballs: packed, dependencies, path }),
    )) === undefined
  )
    return undefined;
  const exported = await check(`Node ${version}: every export of every entry point`, () =>
    importAll(folder, packages, env),
  );
  await check(`Node ${version}: impflow --version, and a training of 20 steps`, () => tryBin(folder, env));
  return exported;
};

/**
 * @param {string} folder
 * @param {ReadonlyMap<string, string>} packed Paths of the tarballs by package name.
 */
const rehearse = async (folder, packed) => {
  const packages = publishable();
  // The folder of the project for the running Node, and the checks of this project.
  const here = join(folder, 'here');
  const atHome = async () => {
    const exported = await tryNode(
      here,
      { version: process.version },
      { packages, packed, dependencies: { '@types/node': '^20.19.43', ...COMPILERS } },
    );
    if (exported === undefined) return;
    await check('examples of the README files', () => runReadmes(here, packages));
    await check('a project in TypeScript is written', () => writeConsumer(here, exported.value, packages));
    for (const compiler of Object.keys(COMPILERS)) {
      for (const resolution of Object.keys(RESOLUTIONS))
        await check(`types: ${compiler}, ${resolution}`, () => checkConsumer(here, compiler, resolution));
    }
  };
  const elsewhere = async () => {
    for (const node of otherNodes(say)) {
      const version = (await run(node, ['--version'])).stdout.trim();
      await tryNode(join(folder, version), { version, path: dirname(node) }, { packages, packed, dependencies: {} });
    }
  };
  const tarball = async () => {
    for (const one of packages) {
      const path = String(packed.get(one.name));
      await check(`${one.name}: contents, publint, types`, async () => {
        await checkContents(path);
        await checkPublint(path);
        await checkTypes(path, one);
      });
    }
  };
  const outside = async () => {
    await check('a plugin outside the workspace: tests, build, impflow train, a page', () => tryExternal(packed));
  };
  const page = async () => {
    await check('impflow: the penguins in Node and in a page, sizes', () => tryPage(packed, say));
  };
  const native = async () => {
    await check('native kernels: the digits of WebAssembly', () => tryNative(packed, say));
  };
  await inTurns([atHome, tarball, elsewhere, outside, page, native], (job) => job());
};

await asCommand('release', async () => {
  const { values } = parseArgs({ options: { tarballs: { type: 'string' } } });
  const packed = await check('packed', () => tarballs(values.tarballs, say));
  if (packed === undefined) throw new Error('nothing was packed, so nothing else was tried.');
  await inEmptyFolder('release', async (folder) => {
    await rehearse(folder, packed.value);
    const failed = results.filter(({ ok }) => !ok);
    if (failed.length > 0)
      throw new Error(
        `${failed.length} of ${results.length} checks failed: ${failed.map(({ what }) => what).join('; ')}.`,
      );
  });
  say(`all ${results.length} checks are fine; nothing was published`);
});
