// Runs the blocks of one page, one after the other, in a shared temporary folder, so that a block can read the files of
// earlier blocks.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromiumPath } from '../../../packages/testkit/private/chromium.mjs';
import { findPython } from '../../bench/python.mjs';
import { messageOf } from '../../message-of.mjs';
import { root } from './extract.mjs';
import { writeFixtures } from './fixtures.mjs';
import { runnable } from './programs.mjs';

/**
 * @import { Block } from './extract.mjs'
 * @import { Program } from './programs.mjs'
 */

/**
 * Outcome of a block. 'not run': the mark `no-run` contains the reason. 'not here': this machine lacks a program that
 * the block needs. 'looked at': commands of a shell block were checked, but not run.
 *
 * @typedef {object} Outcome
 * @property {'ran' | 'looked at' | 'not run' | 'not here' | 'failed'} outcome
 * @property {string} detail
 * @property {string} [output]
 */

/** @typedef {Pick<Outcome, 'outcome' | 'detail'> & { block: Block; seconds: number }} BlockResult */

const LIMIT_MS = 240_000;
/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** A Python with PyTorch, which runs the Python blocks. */
const python = findPython()?.command;

/**
 * Runs the blocks of a page. `programs` are the programs of the page, by block; `errors` are type errors by file.
 *
 * @param {readonly Block[]} blocks
 * @param {ReadonlyMap<Block, Program>} programs
 * @param {ReadonlyMap<string, readonly string[]>} errors
 * @returns {Promise<readonly BlockResult[]>}
 */
export const runPage = async (blocks, programs, errors) => {
  const folder = mkdtempSync(join(tmpdir(), 'impflow-blocks-'));
  /** @type {BlockResult[]} */
  const results = [];
  try {
    const tools = prepare(folder);
    let printed = '';
    for (const block of blocks) {
      const begun = performance.now();
      const { outcome, detail, output } = await runBlock(block, {
        folder,
        tools,
        printed,
        program: programs.get(block),
        errors,
      });
      if (output !== undefined) printed = output;
      results.push({ block, outcome, detail, seconds: (performance.now() - begun) / 1000 });
    }
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/**
 * Puts the replacements of npm, npx, node and impflow, the packages, and data files into the folder.
 *
 * @param {string} folder
 */
const prepare = (folder) => {
  const bin = join(folder, '.bin');
  mkdirSync(bin);
  for (const name of ['npm', 'npx', 'node', 'impflow']) {
    writeFileSync(join(bin, name), `#!/bin/sh\nexec '${process.execPath}' '${here('shim.mjs')}' ${name} "$@"\n`);
    chmodSync(join(bin, name), 0o755);
  }
  symlinkSync(`${root}apps/docs/node_modules`, join(folder, 'node_modules'));
  writeFixtures(folder);
  return {
    env: {
      ...process.env,
      PATH: `${bin}${delimiter}${process.env.PATH}`,
      IMPFLOW_BLOCK_LOG: join(folder, '.looked-at'),
      NO_COLOR: '1',
      FORCE_COLOR: '0',
    },
  };
};

/**
 * @param {Block} block
 * @param {object} page
 * @param {string} page.folder
 * @param {ReturnType<typeof prepare>} page.tools
 * @param {string} page.printed Output of the block before this block.
 * @param {Program} [page.program]
 * @param {ReadonlyMap<string, readonly string[]>} page.errors
 * @returns {Promise<Outcome>}
 */
const runBlock = async (block, { folder, tools, printed, program, errors }) => {
  const { language, marks, code } = block;
  const wrong = program === undefined ? undefined : errors.get(program.file);
  if (wrong !== undefined) return { outcome: 'failed', detail: wrong.join('\n') };
  if (marks.output !== undefined) return compared(printed, code);
  if (marks['no-run'] !== undefined) return { outcome: 'not run', detail: String(marks['no-run']) };
  if (marks.file !== undefined) {
    writeFileSync(join(folder, String(marks.file)), code);
    return { outcome: 'ran', detail: 'written' };
  }
  if (program !== undefined && marks.page !== undefined)
    return chromiumPath() === undefined
      ? { outcome: 'not here', detail: 'needs Chromium' }
      : ran(process.execPath, [here('in-page.mjs'), program.file], folder, tools.env);
  if (program !== undefined) return ran(process.execPath, [runnable(program.file)], folder, tools.env);
  if (language === 'sh') return shell(code, folder, tools.env);
  if (language === 'python')
    return python !== undefined
      ? ran(python, ['-c', code], folder, tools.env)
      : { outcome: 'not here', detail: 'needs a python3 with PyTorch' };
  if (language === 'json') return parsed(() => JSON.parse(code));
  if (['', 'text', 'csv', 'html', 'yaml', 'diff'].includes(language)) return { outcome: 'ran', detail: 'text' };
  return {
    outcome: 'failed',
    detail: `Unknown language "${language}": expected ts, js, sh, python, json, html, csv, yaml, diff or text.`,
  };
};

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Outcome>}
 */
const ran = async (command, args, cwd, env) => {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: LIMIT_MS });
  let [output, complaints] = ['', ''];
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    complaints += data;
  });
  const [code, signal] = await once(child, 'close');
  return code === 0
    ? { outcome: 'ran', detail: '', output }
    : { outcome: 'failed', detail: `ended with ${signal ?? code}\n${shown(output + complaints)}` };
};

/**
 * Returns the last part of an error, without stack frames of vite and node.
 *
 * @param {string} text
 */
const shown = (text) =>
  text
    .split('\n')
    .filter((line) => !/^\s+at .*(node_modules|node:)/.test(line))
    .join('\n')
    .trim()
    .slice(-1500);

/**
 * @param {string} code
 * @param {string} folder
 * @param {ReturnType<typeof prepare>['env']} env
 * @returns {Promise<Outcome>}
 */
const shell = async (code, folder, env) => {
  rmSync(env.IMPFLOW_BLOCK_LOG, { force: true });
  const result = await ran('sh', ['-e', '-c', code], folder, env);
  if (result.outcome === 'failed' || !existsSync(env.IMPFLOW_BLOCK_LOG)) return result;
  return { ...result, outcome: 'looked at', detail: readFileSync(env.IMPFLOW_BLOCK_LOG, 'utf8').trim() };
};

/**
 * @param {() => unknown} parse
 * @returns {Outcome}
 */
const parsed = (parse) => {
  try {
    parse();
    return { outcome: 'ran', detail: 'parsed' };
  } catch (error) {
    return { outcome: 'failed', detail: messageOf(error) };
  }
};

/**
 * Compares lines without trailing blanks; "…" matches anything.
 *
 * @param {string} printed
 * @param {string} expected
 * @returns {Outcome}
 */
const compared = (printed, expected) => {
  /** @param {string} text */
  const lines = (text) =>
    text
      .trim()
      .split('\n')
      .map((line) => line.trimEnd());
  /** @param {string} line */
  const escaped = (line) =>
    line
      .split('…')
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*');
  const pattern = lines(expected)
    .map((line) => (line === '…' ? '(?:.*\n)*?' : `${escaped(line)}\n`))
    .join('');
  return new RegExp(`^${pattern}$`).test(`${lines(printed).join('\n')}\n`)
    ? { outcome: 'ran', detail: 'output as shown' }
    : { outcome: 'failed', detail: `printed:\n${printed}` };
};
