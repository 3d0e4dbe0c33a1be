// Vitest: all quick projects, or what the arguments say. A path filters files, as in `node tools/vitest.mjs packages/core`.
import { spawnSync } from 'node:child_process';

const args = process.argv.slice(2);
const projects = args.includes('--project') ? [] : ['--project', 'unit', '--project', 'parity'];
const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...projects, ...args], { stdio: 'inherit' });
process.exit(status ?? 1);
