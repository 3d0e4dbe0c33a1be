// Formats the table of the backends for the terminal, and as a page of the documentation.
/**
 * @import { machine, versions } from '../bench/machine.mjs'
 * @import { JOB, Measured } from './measure.mjs'
 */

/**
 * @typedef {object} Report
 * @property {ReturnType<typeof machine>} machine
 * @property {ReturnType<typeof versions> & { chromium?: string }} versions
 * @property {typeof JOB} job
 * @property {readonly Measured[]} results
 * @property {readonly string[]} absent Why backends did not run.
 */

/** @param {number} x */
const seconds = (x) => (x >= 1 ? `${x.toPrecision(3)} s` : `${(1e3 * x).toPrecision(3)} ms`);
/** @param {number | undefined} x */
const mib = (x) => (x === undefined ? '-' : x.toFixed(0));

const HEAD = [
  'backend',
  'computes on',
  'z',
  'log det',
  'gradients',
  'loss, nats',
  'a step',
  'tensors',
  'MiB',
  'not converged',
];
/** @param {Measured} measured */
const cells = ({ backend, capabilities, parity, loss, secondsPerStep, memory, unconverged }) => [
  backend,
  capabilities.device === 'gpu'
    ? (capabilities.renderer ?? 'a graphics device')
    : `${capabilities.threads} thread${capabilities.threads === 1 ? '' : 's'}${capabilities.kernels === undefined ? '' : `, ${capabilities.kernels}`}`,
  parity.z.toExponential(1),
  parity.logDet.toExponential(1),
  parity.gradients.toExponential(1),
  loss.toFixed(4),
  seconds(secondsPerStep),
  `${memory.tensorsAtStep10} → ${memory.tensorsAtEnd}`,
  `${mib(memory.mibAtStep10)} → ${mib(memory.mibAtEnd)}`,
  String(unconverged),
];

/** @param {Report} report */
const notes = ({ job, results }) => {
  const losses = results.map(({ loss }) => loss);
  return [
    'Parity: the largest errors on the flows of the parity fixtures, against the published ' +
      'implementation in float64. Errors of z and of each gradient are relative to its norm; errors of the ' +
      'log-determinant are in nats.',
    `Training: ${job.blocks} implicit blocks, ${job.hidden.join('-')}, sine, batches of ${job.batch} of ` +
      `the checkerboard, Adam at ${job.learningRate}, the same seed. The loss is that of ${job.heldOut} ` +
      `held-out rows after ${job.judgedAt} steps; the losses are within ` +
      `${(Math.max(...losses) - Math.min(...losses)).toFixed(4)} nats of each other.`,
    `A step: the median of steps 11 to ${job.steps}, everything included. Tensors and memory: at step 10 ` +
      `and after step ${job.steps}. Memory is the resident memory of the process in Node, the JavaScript ` +
      'heap in a page. Not converged: the number of samples, over all solves of all steps.',
  ];
};

/** @param {Report} report */
const heading = ({ machine, versions }) => [
  `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}`,
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', '),
];

/** @param {Report} report */
export const asText = (report) => {
  const rows = [HEAD, ...report.results.map(cells)];
  const widths = HEAD.map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return [
    ...heading(report),
    '',
    ...rows.map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    ),
    '',
    ...notes(report),
    ...report.absent.map((text) => `Not run: ${text}`),
  ].join('\n');
};

/**
 * @param {Report} report
 * @param {string} date
 */
export const asMarkdown = (report, date) => {
  /** @param {readonly string[]} row */
  const line = (row) => `| ${row.join(' | ')} |`;
  return [
    '# Backends',
    '',
    `Written by \`npm run backends -- --markdown docs/backends.md\` on ${date}. Run it to measure your own machine.`,
    '',
    ...heading(report).map((text) => `- ${text}`),
    '',
    line(HEAD),
    line(HEAD.map(() => '---')),
    ...report.results.map((result) => line(cells(result))),
    '',
    ...notes(report).flatMap((text) => [text, '']),
    ...report.absent.map((text) => `Not run: ${text}`),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
};
