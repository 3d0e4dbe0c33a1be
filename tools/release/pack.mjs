// `node tools/release/pack.mjs [folder]`: packs every publishable package as for publication, with the versions and
// changelogs of the next release. Packs a copy of the workspace, because `changeset version` rewrites files, and
// because a clean copy has no compiled output of deleted sources. Fails if a library of the native kernels is missing.
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PNPM } from '../pnpm.mjs';
import { putLibraries } from './libraries.mjs';
import { asCommand, emptyFolder, inEmptyFolder, node, progress, run } from './run.mjs';
import { publishable, root } from './workspace.mjs';

/** Files that the copy needs in addition to the packages. */
const FILES = ['package.json', 'pnpm-workspace.yaml', 'LICENSE', 'tsconfig.base.json', '.changeset'];
const LEFT_OUT = /[/\\](dist|test|bench|\.vite|\.try|\.nx)$/;

/**
 * Packs all packages into the folder `destination`. Resolves to the paths of the tarballs by package name.
 *
 * @param {string} destination
 * @param {{ say: (what: string) => void; isRehearsal: boolean }} options In a rehearsal, libraries for other platforms
 *   may be missing.
 */
const pack = async (destination, { say, isRehearsal }) => {
  const packages = publishable();
  mkdirSync(destination, { recursive: true });
  await inEmptyFolder('pack', async (stage) => {
    // Relative links among the packages point into the copy; links to dependencies go through the linked node_modules.
    for (const path of [...FILES, ...packages.map(({ folder }) => folder)])
      cpSync(join(root, path), join(stage, path), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (from) => !LEFT_OUT.test(from),
      });
    symlinkSync(join(root, 'node_modules'), join(stage, 'node_modules'), 'junction');
    await putLibraries(join(stage, 'packages/kernels-native/libraries'), { say, isRehearsal });
    say('compiling a copy from its sources');
    await node(['node_modules/typescript/bin/tsc', '-b', ...packages.map(({ folder }) => folder)], { cwd: stage });
    if (readdirSync(join(stage, '.changeset')).some((file) => file.endsWith('.md'))) {
      say('applying the changesets to it');
      await node(['node_modules/@changesets/cli/bin.js', 'version'], { cwd: stage });
    }
    say(`packing ${packages.length} packages`);
    const filters = packages.flatMap(({ name }) => ['--filter', name]);
    await run('npx', ['--yes', PNPM, '-r', ...filters, 'pack', '--pack-destination', destination], { cwd: stage });
  });
  return inFolder(destination, packages);
};

/**
 * Returns the paths of the tarballs in a folder, by package name.
 *
 * @param {string} folder
 * @param {readonly import('./workspace.mjs').Publishable[]} packages
 * @throws if the tarball of a package is missing.
 */
const inFolder = (folder, packages) =>
  new Map(
    packages.map(({ name }) => {
      const stem = `${name.replace('@', '').replace('/', '-')}-`;
      // The name of one package may be a prefix of another.
      const file = readdirSync(folder).find(
        (each) => each.startsWith(stem) && /^\d.*\.tgz$/.test(each.slice(stem.length)),
      );
      if (file === undefined)
        throw new Error(`No tarball of ${name} in ${folder}: expected ${stem}<version>.tgz. Pack again.`);
      return [name, join(folder, file)];
    }),
  );

/**
 * Resolves to the paths of tarballs for a rehearsal: the tarballs that pack.mjs wrote to the folder, or new tarballs if
 * no folder is given.
 *
 * @param {string | undefined} folder
 * @param {(what: string) => void} say
 * @param {readonly import('./workspace.mjs').Publishable[]} [packages] Packages whose tarballs the folder must have.
 */
export const tarballs = async (folder, say, packages = publishable()) =>
  folder === undefined
    ? pack(emptyFolder('tarballs'), { say, isRehearsal: true })
    : inFolder(resolve(folder), packages);

if (process.argv[1] === import.meta.filename) {
  await asCommand('pack', async () => {
    const folder = resolve(process.argv[2] ?? join(root, 'dist/packages'));
    const packed = await pack(folder, { say: progress('pack'), isRehearsal: false });
    for (const path of packed.values()) console.log(path);
  });
}
