// Writes TypeScript and JavaScript blocks as modules into the documentation project, which depends on every package.
// The modules are type-checked together. Each module runs in a separate process on the compiled packages, like a
// program of a reader.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { transformWithOxc } from 'vite';
import { root } from './extract.mjs';

/** @import { Block } from './extract.mjs' */

/** @typedef {{ block: Block; file: string; code: string }} Program */

const folder = `${root}apps/docs/generated/blocks`;

/**
 * Returns the programs of the blocks of a page, in order. A block with `continue` includes the blocks before it.
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
 * Returns the path of the JavaScript file of a program, which Node runs.
 *
 * @param {string} file
 */
export const runnable = (file) => file.replace(/\.ts$/, '.mjs');

/**
 * Writes each program. A program in TypeScript is also written as JavaScript (see {@link runnable}).
 *
 * @param {readonly Program[]} programs
 */
export const writePrograms = async (programs) => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  // `export {}` makes a block without imports a module.
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

/** Returns the type errors of all programs, by file. */
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
