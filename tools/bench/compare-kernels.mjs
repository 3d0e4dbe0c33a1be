import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { result } from './result.mjs';

/**
 * `{ results, peak, build }`. Measures the default build in one process, and plain SIMD in another if that is not the
 * default.
 */
export const compareKernels = async ({ only, quick, say }) => {
  const peak = {};
  const run = async (build) => {
    const measurements = [];
    const args = [
      'kernels.mjs',
      '--peak',
      '--only',
      only,
      '--seconds',
      quick ? '0.1' : '0.8',
      ...(build === undefined ? [] : ['--build', build]),
    ];
    for await (const measured of lines(args, say)) {
      // Kernels never exceed the true peak, so the highest measurement is closest to it.
      peak[measured.build] = Math.max(peak[measured.build] ?? 0, measured.peak);
      if (measured.name === undefined) continue;
      say(`${measured.name} (${measured.build})`);
      measurements.push(measured);
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
 */
async function* lines([script, ...args], say) {
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
