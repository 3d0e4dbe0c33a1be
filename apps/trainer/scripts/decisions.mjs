// Measures the numbers of docs/decisions 003 to 005: `node apps/trainer/scripts/decisions.mjs RUN` after `npm run
// setup`, where RUN is the folder of an implicit two-dimensional run, such as the run of decision 004. Prints medians.
// No other program should run during the measurement.
import { cpus } from 'node:os';
import { wasm } from '@impflow/backend-wasm';
import { fold, key, drawNormal, normals, scoped } from '@impflow/core';
import { buildFlow } from '@impflow/flows';
import { lanczos, largestSingularValue, powerIteration, sinActivation } from '@impflow/lipschitz';
import { loadCheckpoint, restoreVariables } from '@impflow/training';
import { add, cos, mul, sin, tidy } from '@tensorflow/tfjs-core';
import { table } from '../dist/terminal/table.js';

const [run] = process.argv.slice(2);
if (run === undefined) {
  console.error(
    '[decisions] Missing run: expected the folder of a two-dimensional implicit run. ' +
      'docs/decisions/004-solvers-by-dimension.md has a command that makes one.',
  );
  process.exit(2);
}
const { capabilities } = await wasm().start();

/** @param {readonly number[]} values */
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
/** @param {() => void} body */
const milliseconds = (body, times = 41) =>
  median(
    Array.from({ length: times + 10 }, () => {
      const start = performance.now();
      body();
      return performance.now() - start;
    }).slice(10),
  );

// Decision 003: errors and speed of the sine and its slope.
const x = mul(drawNormal(key(1), [500, 128]), 2);
const activation = sinActivation();
const stock = milliseconds(() =>
  tidy(() => {
    const turns = mul(x, 2 * Math.PI);
    sin(turns);
    cos(turns);
  }),
);
const ours = milliseconds(() =>
  tidy(() => {
    activation.trace(x);
  }),
);
const addition = milliseconds(() =>
  tidy(() => {
    add(x, x);
  }),
);
const { value, saved } = scoped(() => activation.trace(x));
const inputs = x.dataSync();
/**
 * @param {import('@tensorflow/tfjs-core').Tensor} got
 * @param {(t: number) => number} f
 */
const worst = (got, f) =>
  Array.from(got.dataSync()).reduce((error, y, i) => Math.max(error, Math.abs(y - f(2 * Math.PI * inputs[i]))), 0);
const errors = [worst(value, (t) => Math.sin(t) / (2 * Math.PI)), worst(saved.slope, Math.cos)];

// Decision 004: number of solver steps on a trained model.
const { spec, tensors } = await loadCheckpoint(`${run}/checkpoint.safetensors`);
const steps = ['newton', 'quasi-newton', 'broyden', 'anderson', 'fixed-point'].map((name) => {
  const flow = buildFlow({
    .../** @type {import('@impflow/flows').FlowSpec} */ (spec),
    solver: { name },
    tolerance: { maxSteps: 500 },
  });
  restoreVariables(flow.parameters, tensors, 'best.parameters', run);
  restoreVariables(flow.buffers, tensors, 'best.buffers', run);
  /** @type {import('@impflow/core').SolveReport[]} */
  const reports = [];
  tidy(() => {
    flow.encode(flow.sample(500, { key: key(2) }), { report: (report) => void reports.push(report) });
  });
  const missed = reports.reduce((sum, { stats }) => sum + stats.converged.filter((flag) => flag === 0).length, 0);
  return [name, reports.reduce((sum, { stats }) => sum + stats.steps, 0) / reports.length, missed];
});

// Decision 005: the norm of a 128 x 128 weight matrix. The iterations start from the singular vectors of another
// matrix, which differs from the weight matrix by 0.1 %.
const n = 128;
const before = normals(key(3), n * n);
const change = normals(key(4), n * n);
const matrix = before.map((w, i) => w + 1e-3 * change[i]);
const warm = { u: normals(fold(key(5), 0), n), v: normals(fold(key(5), 1), n) };
lanczos({ matrix: before, ...warm }, { tolerance: 1e-5 });
const from = () => ({ matrix, u: warm.u.slice(), v: warm.v.slice() });
const exact = largestSingularValue(matrix, n, n);
/** @param {number} found */
const error = (found) => (1 - found / exact).toExponential(1);
const norms = [
  [
    'Lanczos to 1e-3',
    milliseconds(() => lanczos(from(), { tolerance: 1e-3 })),
    error(lanczos(from(), { tolerance: 1e-3 })),
  ],
  [
    'Lanczos to 1e-5',
    milliseconds(() => lanczos(from(), { tolerance: 1e-5 })),
    error(lanczos(from(), { tolerance: 1e-5 })),
  ],
  [
    '200 power iterations',
    milliseconds(() => powerIteration(from(), { iterations: 200 })),
    error(powerIteration(from(), { iterations: 200 })),
  ],
  ['Jacobi rotations (the audit)', milliseconds(() => largestSingularValue(matrix, n, n), 11), '-'],
];

console.log(
  `${cpus().length} x ${cpus()[0].model.trim()}, node ${process.versions.node}, kernels ${capabilities.kernels}, medians\n`,
);
console.log(
  table({
    head: ['003: 64,000 floats', 'ms'],
    rows: [
      ['sine and cosine of tfjs', stock],
      ['value and slope here', ours],
      ['one addition', addition],
    ],
    digits: 2,
  }),
);
console.log(
  `largest errors against float64: value ${errors[0].toExponential(1)}, slope ${errors[1].toExponential(1)}\n`,
);
console.log(table({ head: ['004: 500 samples', 'steps per block', 'not converged'], rows: steps, digits: 3 }), '\n');
console.log(table({ head: ['005: 128 x 128', 'ms', 'relative error'], rows: norms, digits: 2 }));
