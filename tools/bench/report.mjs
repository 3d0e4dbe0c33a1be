// Formats results for the terminal, and as a page of the documentation.
const significant = (x, digits = 3) => Number(x.toPrecision(digits)).toString();

const time = (seconds) =>
  seconds === null
    ? '-'
    : seconds >= 1
      ? `${significant(seconds)} s`
      : seconds >= 1e-3
        ? `${significant(1e3 * seconds)} ms`
        : `${significant(1e6 * seconds)} us`;

const verdict = (ok) => (ok === null ? '' : ok ? 'yes' : 'NO');

/** The name of the rival, and the times of the slower ones. */
const who = ({ rivalName, others }) =>
  `${rivalName ?? ''}${Object.entries(others)
    .map(([name, seconds]) => ` (${name}: ${time(seconds)})`)
    .join('')}`;

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

const count = (n) => (n === undefined || Number.isNaN(n) ? '-' : n.toFixed(1));

/** A rival may not report some of them. */
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

const exactCells = ({ side, max, rms, solverSteps }) => [
  side,
  max.toExponential(1),
  rms.toExponential(1),
  solverSteps.inverse.toFixed(1),
];
const EXACT_HEAD = ['side', 'largest', 'rms', 'steps of a solve'];

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

const sections = ({ results, evaluations, roundTrips, profiles }) =>
  [
    {
      title: 'Times',
      note: 'Medians, measured side by side. The rival of a kernel is the kernel of TensorFlow.js itself, in the same process. The rival of a training step is the faster of PyTorch and JAX, on as many threads as ours has workers. The rival of sampling is PyTorch. To products alone: the ratio of two workers to one, divided by the same ratio of matrix products alone, measured in the same turns.',
      head: HEAD,
      rows: results.map(cells),
    },
    {
      title: 'Net evaluations per block and step',
      head: EVALUATION_HEAD,
      rows: evaluations.map(evaluationCells),
      note: 'Forward: passes of nets. Products: products of their Jacobians with one vector per sample. Backward: products of the backward pass, one for each pass and each product that the loss depends on.',
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
      note: 'The share of one of two workers, in a separate process: the kernels with all products and activations, the other kernels, and the JavaScript around them (tape, calls, memory). Two processes at once are independent: they slow each other down only through the caches, the memory and the processor that they share. The times are measured with a clock around each kernel.',
    },
  ].filter(({ rows }) => rows.length > 0);

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

export const asText = (report) =>
  [
    ...heading(report),
    ...sections(report).map(({ title, note, head, rows }) => `\n${title}\n${note}\n\n${aligned([head, ...rows])}`),
  ].join('\n');

const line = (row) => `| ${row.join(' | ')} |`;

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
