// `npm run solvers`: runs our solvers and scipy.optimize.root on the same 400 problems, and writes
// docs/solvers-scipy.md. Takes a few minutes. `npm run setup:study` installs SciPy.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { oneThread, studyPython } from '../study/python.mjs';
import { solveOurs } from './ours.mjs';
import { pageOf } from './page.mjs';
import { makeFamilies } from './problems.mjs';

/** Norm of the residual, as the solver computes it, at which it stops. */
const TOLERANCE = 5e-6;
/**
 * Largest norm in float64 that counts as solved. Ours evaluate in float32, which rounds the terms of Rosenbrock's
 * gradient by about 2e-5.
 */
const BOUND = 5e-5;
const MAX_STEPS = 500;

/** @param {string} what */
const say = (what) => process.stderr.write(`[solvers] ${what}\n`);
/** @param {string} path */
const file = (path) => fileURLToPath(new URL(path, import.meta.url));

if (!studyPython.ready()) {
  say('SciPy is not set up. Run: npm run setup:study');
  process.exit(1);
}
const families = makeFamilies();
const settings = { tolerance: TOLERANCE, maxSteps: MAX_STEPS };
const ours = await solveOurs(families, settings, say);
const folder = mkdtempSync(join(tmpdir(), 'impflow-solvers-'));
try {
  const [source, target] = ['problems.json', 'results.json'].map((name) => join(folder, name));
  writeFileSync(source, JSON.stringify({ families, ...settings, bound: BOUND, ours }));
  say('SciPy, and the judge');
  const { status } = spawnSync(studyPython.command, [file('root.py'), source, target], {
    stdio: 'inherit',
    env: oneThread(),
  });
  if (status !== 0) process.exit(1);
  const results = JSON.parse(readFileSync(target, 'utf8'));
  writeFileSync(
    file('../../docs/solvers-scipy.md'),
    pageOf({ families, ...results, ...settings, bound: BOUND, today: new Date().toISOString().slice(0, 10) }),
  );
} finally {
  rmSync(folder, { recursive: true });
}
say('docs/solvers-scipy.md written');
