import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { operations } from './operations.mjs';
import { profiled, WEIGHTS } from './rows.mjs';

/**
 * Output of profile.mjs: seconds per step, kernel by kernel, and the evaluations of nets.
 *
 * @typedef {object} Profile
 * @property {number} step Without the clock around each kernel.
 * @property {number} profiled
 * @property {readonly { name: string; calls: number; seconds: number }[]} kernels
 * @property {{ forward: number; products: number; backward: number }} counts
 */

/**
 * @param {{ preset: string; batch: number }} job
 * @param {number} steps
 * @returns {Promise<Profile>}
 */
const profile = async ({ preset, batch }, steps) => {
  const file = fileURLToPath(new URL('profile.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    file,
    '--preset',
    preset,
    '--batch',
    String(batch),
    '--steps',
    String(steps),
    '--json',
  ]);
  return JSON.parse(stdout);
};

/**
 * Profiles a step in one process, and in two independent processes at the same time.
 *
 * @param {import('./rows.mjs').Options & { peak: Readonly<Record<string, number>> }} options
 */
export const compareProfiles = async ({ wanted, quick, peak, say }) => {
  const profiles = [];
  for (const job of profiled) {
    const name = `${job.preset}, ${job.batch} rows`;
    if (!wanted(`profile, ${name}`)) continue;
    const steps = Math.round((quick ? 20 : 60) / (job.preset === 'toy' ? 1 : 6));
    for (const processes of [1, 2]) {
      say(`profile: ${name}, ${processes} at once`);
      const found = await Promise.all(Array.from({ length: processes }, () => profile(job, steps)));
      /** @param {(profile: Profile) => number} of */
      const mean = (of) => found.reduce((sum, each) => sum + of(each), 0) / processes;
      /** @param {(kernel: string) => boolean} which */
      const inside = (which) =>
        mean(({ kernels }) =>
          kernels.filter(({ name: kernel }) => which(kernel)).reduce((sum, { seconds }) => sum + seconds, 0),
        );
      /** @param {string} kernel */
      const isNet = (kernel) => kernel.startsWith('ImpflowNet');
      profiles.push({
        job: name,
        processes,
        step: mean(({ step }) => step),
        nets: inside(isNet),
        others: inside((kernel) => !isNet(kernel)),
        around: mean(({ profiled: whole, kernels }) => whole - kernels.reduce((sum, { seconds }) => sum + seconds, 0)),
        atPeak:
          mean(({ counts }) => operations({ counts, weights: WEIGHTS[job.preset], batch: job.batch })) /
          Object.values(peak)[0],
      });
    }
  }
  return profiles;
};
