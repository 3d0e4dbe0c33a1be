// Makes a new plugin package: `npm run new -- solver chebyshev [--dry-run]`. Calls the generator of nx with all
// arguments. pnpm does not have to be on the PATH.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { messageOf } from '../message-of.mjs';
import { KINDS } from './kinds.mjs';
import { assertName } from './names.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const [kind, ...given] = process.argv.slice(2);
// npm consumes `--dry-run` unless `--` comes before it.
const args =
  process.env.npm_config_dry_run === 'true' && !given.includes('--dry-run') ? [...given, '--dry-run'] : given;

/**
 * @param {string} what
 * @param {string} expected
 * @param {string} got
 */
const refuse = (what, expected, got) => {
  console.error(`[new] ${what}: expected ${expected}, got ${got}. For example: npm run new -- solver chebyshev.`);
  process.exit(1);
};
if (!Object.hasOwn(KINDS, kind ?? ''))
  refuse(
    'Unknown kind of plugin',
    `one of ${Object.keys(KINDS).join(', ')}`,
    kind === undefined ? 'none' : `"${kind}"`,
  );
const names = args.filter((arg) => !arg.startsWith('-'));
const unknown = args.find((arg) => arg.startsWith('-') && !['--dry-run', '--no-install'].includes(arg));
if (unknown !== undefined) refuse('Unknown option', '--dry-run or --no-install', unknown);
if (names.length !== 1)
  refuse('Wrong number of names', 'one', names.length === 0 ? 'none' : names.map((name) => `"${name}"`).join(' '));
try {
  await assertName(root, kind, names[0]);
} catch (error) {
  console.error(messageOf(error));
  process.exit(1);
}

const { status } = spawnSync(
  process.execPath,
  [
    'node_modules/nx/dist/bin/nx.js',
    'generate',
    `./tools/generators/generators.json:${kind}`,
    `--name=${names[0]}`,
    '--no-interactive',
    ...args.filter((arg) => arg.startsWith('-')),
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, NX_DAEMON: 'false', CI: 'true' } },
);
process.exit(status ?? 1);
