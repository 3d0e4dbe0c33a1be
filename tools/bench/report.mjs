// Formats results for the terminal, and as a page of the documentation.
/**
 * @import { machine, versions } from './machine.mjs'
 * @import { Conclusion } from './race.mjs'
 * @import { Result } from './result.mjs'
 */

/**
 * @typedef {object} Report
 * @property {ReturnType<typeof machine>} machine
 * @property {ReturnType<typeof versions> & Readonly<Record<'pytorch' | 'jax' | 'kernels', string | null>>} versions
 * @property {readonly Result[]} results
 * @property {Readonly<Record<string, number>>} peak Operations per second of one core, by build.
 * @property {readonly { side: string; speed: number }[]} products
 * @property {readonly Evaluations[]} evaluations
 * @property {readonly RoundTrip[]} roundTrips
 * @property {readonly StepProfile[]} profiles
 */

/**
 * Net evaluations per block and step. A rival may not report some of them.
 *
 * @typedef {object} Evaluations
 * @property {string} job
 * @property {string} side
 * @property {number} forward
 * @property {number} products
 * @property {number} backward
 * @property {Conclusion['solverSteps']} [solverSteps]
 * @property {readonly string[]} [uncounted]
 */

/** @typedef {Conclusion['roundTrip'] & { side: string; solverSteps: Conclusion['solverSteps'] }} RoundTrip */

/**
 * Where the seconds of a step go.
 *
 * @typedef {object} StepProfile
 * @property {string} job
 * @property {number} processes
 * @property {number} step
 * @property {number} nets
 * @property {number} others
 * @property {number} around
 * @property {number} atPeak
 */

/** @param {number} x */
const significant = (x, digits = 3) => Number(x.toPrecision(digits)).toString();

/** @param {number | null} seconds */
const time = (seconds) =>
  seconds === null
    ? '-'
    : seconds >= 1
      ? `${significant(seconds)} s`
      : seconds >= 1e-3
        ? `${significant(1e3 * seconds)} ms`
        : `${significant(1e6 * seconds)} us`;

/** @param {boolean | null} ok */
const verdict = (ok) => (ok === null ? '' : ok ? 'yes' : 'NO');

/**
 * The name of the rival, and the times of the slower ones.
 *
 * @param {Pick<Result, 'rivalName' | 'others'>} result
 */
const who = ({ rivalName, others }) =>
  `${rivalName ?? ''}${Object.entries(others)
    .map(([name, seconds]) => ` (${name}: ${time(seconds)})`)
    .join('')}`;

/** @param {Result} result */
const cells = ({ name, ours, rival, rivalName, others, ratio, bound, ok, toLimit, okToLimit, share, gflops }) => [
  name,
  time(ours),
  time(rival),
  who({ rivalName, others }),
  ratio === null ? '-' : ratio.toFixed(3),
  bound === null ? '' : String(bound),
  verdict(ok),
  toLimit === null ? '' : `${toLimit.toFixed(2)} ${verdict(okToLimit)}`,
  gflops === null ? '' : significant(gflops),
  share === null ? '' : `${Math.round(100 * share)} %`,
];
const HEAD = [
  'work',
  'ours',
  'rival',
  'the rival is',
  'ours / rival',
  'at most',
  'met',
  'to products alone, at most 1.1',
  'GF/s',
  'of the peak',
];

/** @param {number | undefined} n */
const count = (n) => (n === undefined || Number.isNaN(n) ? '-' : n.toFixed(1));

/** @param {Evaluations} evaluations */
const evaluationCells = ({ job, side, forward, products, backward, solverSteps = {}, uncounted = [] }) => [
  job,
  side,
  ...[forward, products, backward, forward + products + backward].map(count),
  Object.entries(solverSteps)
    .map(([phase, n]) => `${phase} ${n === null ? '-' : n.toFixed(1)}`)
    .join(', '),
  uncounted.length === 0 ? '' : `without ${uncounted.join(', ')}`,
];
const EVALUATION_HEAD = ['job', 'side', 'forward', 'products', 'backward', 'all', 'steps of a solve', ''];

/** @param {RoundTrip} roundTrip */
const exactCells = ({ side, max, rms, solverSteps }) => [
  side,
  max.toExponential(1),
  rms.toExponential(1),
  count(solverSteps.inverse ?? undefined),
];
const EXACT_HEAD = ['side', 'largest', 'rms', 'steps of a solve'];

/** @param {StepProfile} profile */
const profileCells = ({ job, processes, step, nets, others, around, atPeak }) => [
  job,
  String(processes),
  ...[step, atPeak, nets, others, around].map(time),
];
const PROFILE_HEAD = [
  'job',
  'processes at once',
  'step',
  'its products at the peak',
  'kernels of whole nets',
  'other kernels',
  'around kernels',
];

/** @param {Report} report */
const sections = ({ results, evaluations, roundTrips, profiles }) =>
  [
    {
      title: 'Times',
      note:
        'Medians, measured side by side. The rival of a kernel is the kernel of TensorFlow.js itself, in ' +
        'the same process. The rival of a training step is the faster of PyTorch and JAX, on as many ' +
        'threads as ours has workers. The rival of sampling is PyTorch. To products alone: the ratio of ' +
        'two workers to one, divided by the same ratio of matrix products alone, measured in the same ' +
        'turns.',
      head: HEAD,
      rows: results.map(cells),
    },
    {
      title: 'Net evaluations per block and step',
      head: EVALUATION_HEAD,
      rows: evaluations.map(evaluationCells),
      note:
        'Forward: passes of nets. Products: products of their Jacobians with one vector per sample. ' +
        'Backward: products of the backward pass, one for each pass and each product that the loss depends ' +
        'on.',
    },
    {
      title: 'Exactness of the samples',
      note: 'The round trip |f(f⁻¹(z)) - z|.',
      head: EXACT_HEAD,
      rows: roundTrips.map(exactCells),
    },
    {
      title: 'Where the time of a step goes',
      head: PROFILE_HEAD,
      rows: profiles.map(profileCells),
      note:
        'The share of one of two workers, in a separate process: the kernels with all products and ' +
        'activations, the other kernels, and the JavaScript around them (tape, calls, memory). Two ' +
        'processes at once are independent: they slow each other down only through the caches, the memory ' +
        'and the processor that they share. The times are measured with a clock around each kernel.',
    },
  ].filter(({ rows }) => rows.length > 0);

/** @param {Report} report */
const heading = ({ machine, versions, peak, products }) => [
  `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}`,
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version ?? 'absent'}`)
    .join(', '),
  `Peak of one core on registers alone: ${Object.entries(peak)
    .map(([build, speed]) => `${(speed / 1e9).toFixed(1)} GF/s (${build})`)
    .join(', ')}`,
  ...(products.length === 0
    ? []
    : [
        `Products [1000,128] x [128,128] in float32: ${products.map(({ side, speed }) => `${side} ${(speed / 1e9).toFixed(1)} GF/s`).join('; ')}`,
      ]),
];

/** @param {readonly (readonly string[])[]} rows */
const aligned = (rows) => {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

/** @param {Report} report */
export const asText = (report) =>
  [
    ...heading(report),
    ...sections(report).map(({ title, note, head, rows }) => `\n${title}\n${note}\n\n${aligned([head, ...rows])}`),
  ].join('\n');

/** @param {readonly string[]} row */
const line = (row) => `| ${row.join(' | ')} |`;

/**
 * @param {Report} report
 * @param {string} date
 * @param {string} options
 */
export const asMarkdown = (report, date, options) =>
  [
    '# Benchmarks',
    '',
    `Written by \`npm run bench -- ${options}\` on ${date}. Run it to measure your own machine.`,
    '',
    ...heading(report).map((text) => `- ${text}`),
    ...sections(report).flatMap(({ title, note, head, rows }) => [
      '',
      `## ${title}`,
      '',
      note,
      '',
      line(head),
      line(head.map(() => '---')),
      ...rows.map(line),
    ]),
    '',
  ].join('\n');
