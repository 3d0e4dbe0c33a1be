// Vitest with the arguments given; a path after a project name filters files, as in `node tools/vitest.mjs packages/core`.
import { spawnSync } from 'node:child_process';

const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(status ?? 1);
