import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

export const machine = () => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${type()} ${release()}`,
});

/** Versions of the programs that are compared. `commit` ends in `+` if the working tree differs from the commit. */
export const versions = () => {
  /** @param {readonly string[]} args */
  const git = (...args) => spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout?.trim() ?? '';
  const { version } = JSON.parse(
    readFileSync(`${root}/packages/backend-wasm/node_modules/@tensorflow/tfjs-backend-wasm/package.json`, 'utf8'),
  );
  return {
    node: process.versions.node,
    tfjs: version,
    impflow: `${git('rev-parse', '--short', 'HEAD') || 'unknown'}${git('status', '--porcelain', '-uno') === '' ? '' : '+'}`,
  };
};
