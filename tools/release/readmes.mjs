// Runs the TypeScript and JavaScript blocks of the packages' README files in a project with the installed tarballs.
// tools/docs/blocks/extract.mjs explains the marks of the blocks.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { blocksOf } from '../docs/blocks/extract.mjs';
import { messageOf } from '../message-of.mjs';
import { inTurns, node } from './run.mjs';
import { root } from './workspace.mjs';

/** @import { Publishable } from './workspace.mjs' */

/**
 * A program of a README file; `at` is the path and the line of its block.
 *
 * @typedef {{ name: string; language: string; code: string; at: string }} ReadmeProgram
 */

/**
 * Returns the blocks as programs. A block with `continue` includes the blocks before it. Blocks that are not run, or
 * run in a page, are left out.
 *
 * @param {readonly Publishable[]} packages
 * @returns {readonly ReadmeProgram[]}
 */
export const readmePrograms = (packages) =>
  packages
    .filter(({ folder }) => existsSync(join(root, folder, 'README.md')))
    .flatMap(({ folder, short }) => {
      let before = '';
      return blocksOf(`${folder}/README.md`)
        .filter(
          ({ language, marks }) =>
            ['ts', 'js'].includes(language) && marks.output === undefined && marks.file === undefined,
        )
        .flatMap(({ line, language, marks, code }) => {
          before = marks.continue === undefined ? code : `${before}\n${code}`;
          return marks['no-run'] === undefined && marks.page === undefined
            ? [{ name: `${short}-${line}`, language, code: before, at: `${folder}/README.md:${line}` }]
            : [];
        });
    });

/**
 * Writes a program as JavaScript: types are removed, and imports are not bundled.
 *
 * @param {string} folder
 * @param {ReadmeProgram} program
 */
const transpiled = async (folder, { name, language, code }) => {
  const input = join(folder, `${name}.source.${language}`);
  writeFileSync(input, code);
  const bundle = await rolldown({ input, external: /^(?!.*\.source\.)/, treeshake: false, logLevel: 'silent' });
  await bundle.write({ file: join(folder, `${name}.mjs`), format: 'es' });
  await bundle.close();
};

/**
 * Runs the programs, two at a time. Resolves to the number of programs.
 *
 * @param {string} project
 * @param {readonly Publishable[]} packages
 * @throws if programs fail; the message has the path and the line of each.
 */
export const runReadmes = async (project, packages) => {
  const folder = join(project, 'readmes');
  mkdirSync(folder, { recursive: true });
  const programs = readmePrograms(packages);
  const failures = await inTurns(programs, async (program) => {
    await transpiled(folder, program);
    return node([`${program.name}.mjs`], { cwd: folder, seconds: 120 }).then(
      () => [],
      (error) => [`${program.at}: ${messageOf(error)}`],
    );
  });
  if (failures.flat().length > 0) throw new Error(failures.flat().join('\n'));
  return programs.length;
};
