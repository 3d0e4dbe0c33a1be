// `npm run measure -- solvers`: compares the solvers of ImpFlow with scipy.optimize.root on 400 problems. Takes a few
// minutes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jsonFrom } from '../measure/child.mjs';
import { oneThread, studyPython } from '../study/python.mjs';
import { solveOurs } from './ours.mjs';
import { solversTexts } from './page.mjs';
import { makeFamilies } from './problems.mjs';

/**
 * `tolerance` is the residual norm at which a solver stops. `bound` is the largest residual norm in float64 that counts
 * as solved; our solvers evaluate in float32, which rounds the terms of Rosenbrock's gradient by about 2e-5. `maxSteps`
 * is the largest number of steps.
 */
const SETTINGS = { tolerance: 5e-6, bound: 5e-5, maxSteps: 500 };
const families = makeFamilies();

/** @type {import('../measure/measure.mjs').Program} */
export const program = {
  name: 'solvers',
  about:
    'Our solvers and scipy.optimize.root on the same problems: answers that are solved, evaluations, wrong claims.',
  jobs: () => families.map(({ name, dim, starts }) => ({ job: name, dim, starts: starts.length })),
  missing: () => (studyPython.ready() ? undefined : 'SciPy is not set up. Run: npm run setup:study'),
  run: async ({ job }, { say }) => {
    const family = families.find(({ name }) => name === job) ?? families[0];
    const folder = mkdtempSync(join(tmpdir(), 'impflow-solvers-'));
    try {
      const problem = join(folder, 'problem.json');
      writeFileSync(problem, JSON.stringify({ family, ...SETTINGS, ours: await solveOurs(family, SETTINGS) }));
      say('SciPy, and the judge');
      const judge = fileURLToPath(new URL('root.py', import.meta.url));
      return { ...SETTINGS, ...(await jsonFrom(studyPython.command, [judge, problem], { env: oneThread() })) };
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
  pages: (records) => ({ 'docs/solvers-scipy.md': solversTexts(records) }),
};
