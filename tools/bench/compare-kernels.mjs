import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { result } from './result.mjs';

/** @import { Options } from './rows.mjs' */

/**
 * A line of kernels.mjs: the peak of the processor, and the times of a case if it has a name.
 *
 * @typedef {object} Line
 * @property {string} build
 * @property {number} peak Operations per second.
 * @property {string} [name]
 * @property {boolean} [plain]
 * @property {number} [bound]
 * @property {number} [plainBound]
 * @property {number} [flops]
 * @property {number} [ours] Seconds.
 * @property {number} [rival] Seconds.
 */

/**
 * `{ results, peak, build }`. Measures the default build in one process, and plain SIMD in another if that is not the
 * default.
 *
 * @param {Options} options
 */
export const compareKernels = async ({ only, quick, say }) => {
  /** @type {Record<string, number>} */
  const peak = {};
  /** @param {string} [build] */
  const run = async (build) => {
    /** @type {(Line & { name: string })[]} */
    const measurements = [];
    const args = [
      '--peak',
      '--only',
      only,
      '--seconds',
      quick ? '0.1' : '0.8',
      ...(build === undefined ? [] : ['--build', build]),
    ];
    for await (const measured of lines('kernels.mjs', args, say)) {
      // Kernels never exceed the true peak, so the highest measurement is closest to it.
      peak[measured.build] = Math.max(peak[measured.build] ?? 0, measured.peak);
      const { name } = measured;
      if (name === undefined) continue;
      say(`${name} (${measured.build})`);
      measurements.push({ ...measured, name });
    }
    return measurements.map(({ name, build, plain, bound, plainBound = bound, ...times }) =>
      result({
        ...times,
        rivalName: 'TensorFlow.js',
        name: plain ? `${name} (${build})` : name,
        bound: build === 'simd' ? plainBound : bound,
        peak: peak[build],
      }),
    );
  };
  say('kernels');
  const results = await run();
  const [build = null] = Object.keys(peak);
  if (build === 'relaxed') results.push(...(await run('simd')));
  return { results, peak, build };
};

/**
 * The JSON lines that a script of this folder prints. If it fails, the lines before the failure, and a non-zero exit
 * code.
 *
 * @param {string} script
 * @param {readonly string[]} args
 * @param {(what: string) => void} say
 * @returns {AsyncGenerator<Line>}
 */
async function* lines(script, args, say) {
  const child = spawn(process.execPath, [fileURLToPath(new URL(script, import.meta.url)), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => {
    child.on('close', resolve);
  });
  for await (const line of createInterface({ input: child.stdout })) yield JSON.parse(line);
  const status = await ended;
  if (status === 0) return;
  say(`${script} failed with exit code ${status}`);
  process.exitCode = 1;
}
