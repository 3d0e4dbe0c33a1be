// TypeScript and JavaScript blocks as modules. They are written next to the documentation project, which depends on
// every package, type-checked together, and run in separate processes on the compiled packages, as a reader's programs.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { transformWithOxc } from 'vite';
import { root } from './extract.mjs';

/** @import { Block } from './extract.mjs' */

/** @typedef {{ block: Block; file: string; code: string }} Program */

const folder = `${root}apps/docs/generated/blocks`;

/**
 * The programs of a page's blocks, in order. A block with `continue` includes the blocks before it.
 *
 * @param {readonly Block[]} blocks
 * @returns {readonly Program[]}
 */
export const programsOf = (blocks) => {
  let before = '';
  return blocks
    .filter(
      ({ language, marks, fragment }) =>
        ['ts', 'js'].includes(language) && marks.output === undefined && fragment !== true,
    )
    .map((block) => {
      const code = block.marks.continue === undefined ? block.code : `${before}\n${block.code}`;
      before = code;
      return {
        block,
        file: `${folder}/${block.path.replace(/\.\w+$/, '').replaceAll(/\W+/g, '-')}-${block.line}.${block.language}`,
        code,
      };
    });
};

/**
 * The file of a program that Node runs.
 *
 * @param {string} file
 */
export const runnable = (file) => file.replace(/\.ts$/, '.mjs');

/**
 * Writes each program, and beside one in TypeScript the same as JavaScript (see {@link runnable}).
 *
 * @param {readonly Program[]} programs
 */
export const writePrograms = async (programs) => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // Makes a block without imports a module too.
  for (const { file, code } of programs) {
    const text = `${code}\nexport {};\n`;
    writeFileSync(file, text);
    if (runnable(file) !== file) writeFileSync(runnable(file), (await transformWithOxc(text, file)).code);
  }
  writeFileSync(
    `${folder}/tsconfig.json`,
    JSON.stringify({
      extends: '../../tsconfig.json',
      compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
      include: ['*.ts'],
    }),
  );
};

/** Type errors by file. */
export const typeErrors = () => {
  const { stdout } = spawnSync(
    process.execPath,
    [`${root}node_modules/typescript/bin/tsc`, '-p', folder, '--pretty', 'false'],
    { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  /** @type {Map<string, readonly string[]>} */
  const errors = new Map();
  for (const [, file, line, text] of stdout.matchAll(/^([\w-]+\.ts)\((\d+),\d+\): error (.+)$/gm))
    errors.set(`${folder}/${file}`, [
      ...(errors.get(`${folder}/${file}`) ?? []),
      `line ${line} of the program: ${text}`,
    ]);
  return errors;
};
