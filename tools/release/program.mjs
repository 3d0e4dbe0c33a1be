// Runs the test programs of the packages. Each package has one program of at most ten statements: programs/<folder of
// the package>.mjs.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { chromium } from 'playwright';
import { BROWSER_FLAGS, chromiumPath } from '../../packages/testkit/private/chromium.mjs';
import { statementsOf } from '../../packages/testkit/private/statements.mjs';
import { serveFolder } from '../../packages/testkit/private/static-server.mjs';
import { bundleForPage } from './bundle.mjs';
import { node } from './run.mjs';

const STATEMENTS = 10;

/**
 * Returns the packages that a program imports, without duplicates.
 *
 * @param {string} program
 */
export const importsOf = (program) => [
  ...new Set(
    [...program.matchAll(/(?:from|import)\s*\(?'((?:@[\w-]+\/)?[\w-]+)[\w/-]*'/g)]
      .map(([, name]) => name)
      .filter((name) => !name.startsWith('node:')),
  ),
];

/**
 * @param {string} folder
 * @param {string} file
 */
const runInNode = (folder, file) => node([file], { cwd: folder, seconds: 120 });

/** @param {string} folder */
const runInVitest = (folder) =>
  node(['node_modules/vitest/vitest.mjs', 'run', '--testTimeout', '60000'], { cwd: folder, seconds: 180 });

/**
 * Bundles a program and runs it in Chromium. `beside` lists files of the folder that the page loads at run time.
 * Resolves to the output of the program.
 *
 * @param {string} folder
 * @param {string} file
 * @param {readonly string[]} [beside]
 * @returns {Promise<{ stdout: string }>}
 * @throws if the program fails.
 */
export const runInPage = async (folder, file, beside = []) => {
  const executablePath = chromiumPath();
  if (executablePath === undefined) return { stdout: 'NOT RUN: no Chromium was found (CHROME_PATH)' };
  const site = join(folder, 'site');
  mkdirSync(site);
  for (const path of beside) copyFileSync(join(folder, path), join(site, basename(path)));
  await bundleForPage(folder, file, join(site, 'program.js'));
  writeFileSync(
    join(site, 'index.html'),
    '<!doctype html><script type="module">import("./program.js").then(() => console.log("END"), ({ message }) => console.log(`FAILED ${message}`));</script>',
  );
  const server = await serveFolder(site);
  const browser = await chromium.launch({ executablePath, args: BROWSER_FLAGS });
  try {
    const page = await browser.newPage();
    /** @type {string[]} */
    const lines = [];
    /** @type {Promise<string>} */
    const ended = new Promise((resolve) => {
      page.on('console', (message) => {
        lines.push(message.text());
        if (/^(END|FAILED)/.test(message.text())) resolve(message.text());
      });
    });
    await page.goto(server.address);
    const last = await Promise.race([ended, setTimeout(60_000, 'FAILED not done after 60 s', { ref: false })]);
    if (last !== 'END') throw new Error(`${file} in a page: ${last}\n${lines.join('\n')}`);
    return { stdout: lines.slice(0, -1).join('\n') };
  } finally {
    await browser.close();
    server.close();
  }
};

/**
 * Runs the program of a package in the folder of a project. A program that does not run in Node begins with the comment
 * "In vitest" or "In a page". Resolves to the last line of its output.
 *
 * @param {string} folder
 * @param {string} short
 * @param {string} program
 * @throws if the program fails, or has too many statements.
 */
export const runProgram = async (folder, short, program) => {
  const statements = statementsOf(program);
  if (statements > STATEMENTS)
    throw new Error(`programs/${short}.mjs is too long: expected at most ${STATEMENTS} statements, got ${statements}.`);
  const inVitest = program.startsWith('// In vitest');
  const file = inVitest ? `${short}.test.mjs` : `${short}.mjs`;
  const runner = inVitest ? runInVitest : program.startsWith('// In a page') ? runInPage : runInNode;
  writeFileSync(join(folder, file), program);
  const { stdout } = await runner(folder, file);
  const said = stripVTControlCharacters(stdout)
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return (inVitest && said.find((line) => /^Tests\s/.test(line))) || (said.at(-1) ?? '');
};
