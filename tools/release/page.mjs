// `node tools/release/page.mjs [--tarballs folder]`: tries `impflow` as a user installs it. Installs only the packed
// packages and vite in an empty folder. Runs examples/impflow in Node, builds examples/impflow-page with vite, and runs
// it in Chromium. Checks the sizes, and that no task of the page takes long while it fits a model.
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright';
import { BROWSER_FLAGS, chromiumPath } from '../../packages/testkit/private/chromium.mjs';
import { statementsOf } from '../../packages/testkit/private/statements.mjs';
import { serveFolder } from '../../packages/testkit/private/static-server.mjs';
import { watchPage } from '../../packages/testkit/private/watch-page.mjs';
import { tarballs } from './pack.mjs';
import { install, sizeOf } from './project.mjs';
import { asCommand, inEmptyFolder, node, progress } from './run.mjs';
import { closure, publishable, root } from './workspace.mjs';

/** Limits: sizes in bytes, the longest task in milliseconds, and the number of statements of a program. */
const MOST = { installed: 80e6, scripts: 320e3, task: 50, statements: 12 };
const packages = publishable();
const ours = closure(['impflow'], packages);
/** @type {import('./workspace.mjs').Manifest} */
const { devDependencies: { vite = '' } = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/**
 * @param {string} what
 * @param {number} got
 * @param {number} most
 */
const assertAtMost = (what, got, most) => {
  if (got > most) throw new Error(`${what}: expected at most ${most}, got ${got}.`);
};

/**
 * @param {number} bytes
 * @param {number} unit
 */
const rounded = (bytes, unit) => (bytes / unit).toFixed(1);

/**
 * Bundles programs with the packed packages and runs them in a page. Prints the sizes of the bundles and the longest
 * time for which a program blocked the page.
 *
 * @param {ReadonlyMap<string, string>} packed Paths of tarballs by name.
 * @param {(what: string) => void} say
 * @throws if a program fails, or if a size or a blocking time exceeds its limit.
 */
export const tryPage = (packed, say) =>
  inEmptyFolder('page', async (folder) => {
    await install(folder, { ours, tarballs: packed });
    const installed = sizeOf(join(folder, 'node_modules'));
    say(`npm install impflow: ${rounded(installed, 1e6)} MB, with TensorFlow.js`);
    assertAtMost('node_modules', installed, MOST.installed);
    for (const example of ['impflow', 'impflow-page']) {
      mkdirSync(join(folder, example));
      for (const file of FILES[example]) cpSync(join(root, 'examples', example, file), join(folder, example, file));
    }
    for (const program of ['impflow/main.mjs', 'impflow-page/main.js'])
      assertAtMost(program, statementsOf(readFileSync(join(folder, program), 'utf8')), MOST.statements);
    await node(['main.mjs'], { cwd: join(folder, 'impflow') });
    say('the program in Node runs');
    await install(folder, { ours, tarballs: packed, dependencies: { vite } });
    await node(['../node_modules/vite/bin/vite.js', 'build'], { cwd: join(folder, 'impflow-page') });
    await visit(join(folder, 'impflow-page/dist'), say);
  });

/** @type {Readonly<Record<string, readonly string[]>>} */
const FILES = { impflow: ['main.mjs', 'penguins.json'], 'impflow-page': ['main.js', 'index.html'] };

/**
 * @param {string} site
 * @param {(what: string) => void} say
 */
const visit = async (site, say) => {
  const executablePath = chromiumPath();
  if (executablePath === undefined) return say('NOT RUN: no Chromium was found (CHROME_PATH)');
  const server = await serveFolder(site);
  const browser = await chromium.launch({ executablePath, args: BROWSER_FLAGS });
  try {
    let seen = await watchPage(browser, server.address, 'the same scores');
    // A virtual machine counts time of other machines on its host as time of the thread, so a long task is measured
    // again. A task that is really long exceeds the limit in every visit.
    for (let visits = 1; seen.busiest > MOST.task && visits < 3; visits++)
      seen = await watchPage(browser, server.address, 'the same scores');
    if (seen.complaints.length > 0) throw new Error(`The page complains:\n${seen.complaints.join('\n')}`);
    const files = [...new Set(seen.requests)].map((address) => address.slice(server.address.length));
    const scripts = files
      .filter((file) => file.endsWith('.js'))
      .reduce((sum, file) => sum + gzipSync(readFileSync(join(site, file))).length, 0);
    say(`the page loads ${rounded(scripts, 1e3)} kB of scripts, gzip, and its .wasm files`);
    assertAtMost('scripts of the page, gzip', scripts, MOST.scripts);
    say(
      `its longest task while it fits: ${seen.busiest.toFixed(1)} ms of its thread; ` +
        `long tasks by the clock: ${seen.longTasks.map((milliseconds) => `${milliseconds.toFixed(0)} ms`).join(', ') || 'none'}`,
    );
    assertAtMost('longest task of the page, in ms', seen.busiest, MOST.task);
  } finally {
    await browser.close();
    server.close();
  }
};

if (process.argv[1] === import.meta.filename) {
  await asCommand('page', async () => {
    const { values } = parseArgs({ options: { tarballs: { type: 'string' } } });
    const say = progress('page');
    const wanted = packages.filter(({ name }) => ours.includes(name));
    await tryPage(await tarballs(values.tarballs, say, wanted), say);
    say('done');
  });
}
