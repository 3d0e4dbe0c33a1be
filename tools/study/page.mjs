// Writes docs/study.md from the records.
import { bestOf, grouped, lossOf, OURS, PAIRS } from './compare.mjs';

/**
 * @import { Comparison, Gap } from './compare.mjs'
 * @import { Contender } from './contenders.mjs'
 * @import { Elsewhere } from './elsewhere.mjs'
 * @import { StudyRecord } from './records.mjs'
 * @import { Source } from './sources.mjs'
 */

/** @typedef {readonly [data: string, records: readonly StudyRecord[]]} Group */
/** @typedef {Readonly<Record<string, Pick<Contender, 'title' | 'options'>>>} Contenders */
/** @typedef {Readonly<Record<string, Pick<Source, 'kind'>>>} Sources */
/** @typedef {Readonly<Record<string, Comparison>>} Comparisons */
/** @typedef {Readonly<Record<string, Pick<Comparison, 'best' | 'against'>>>} Bests */

/** @param {readonly number[]} numbers */
const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;
/**
 * @param {readonly string[]} head
 * @param {readonly (readonly (string | number)[])[]} rows
 */
const table = (head, rows) => [
  '',
  `| ${head.join(' | ')} |`,
  `| ${head.map(() => '---').join(' | ')} |`,
  ...rows.map((row) => `| ${row.join(' | ')} |`),
  '',
];
/**
 * @param {number} value
 * @param {number} digits
 */
const fixed = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits).replace(/^-(0\.?0*)$/, '$1') : '∞');
/** @param {readonly number[]} numbers */
const range = (numbers, digits = 0) => {
  const [low, high] = [fixed(Math.min(...numbers), digits), fixed(Math.max(...numbers), digits)];
  return low === high ? low : `${low} to ${high}`;
};

/**
 * `[[data, records]]`, in the order of the sources.
 *
 * @param {readonly StudyRecord[]} records
 * @param {Sources} sources
 * @returns {readonly Group[]}
 */
const byData = (records, sources) =>
  [...grouped(records, ({ data }) => data)].sort(
    ([a], [b]) => Object.keys(sources).indexOf(a) - Object.keys(sources).indexOf(b),
  );

/**
 * The contenders with a record, in their own order.
 *
 * @param {readonly StudyRecord[]} records
 * @param {Contenders} contenders
 */
const columnsOf = (records, contenders) =>
  Object.keys(contenders).filter((name) => records.some(({ contender }) => contender === name));

/**
 * Bold if best, marked if within one paired standard error of it, with the number of seeds if others have more.
 *
 * @param {readonly StudyRecord[]} own
 * @param {(own: readonly StudyRecord[]) => string} shown
 * @param {Pick<Comparison, 'best' | 'against'>} comparison
 * @param {number} most
 */
const cell = (own, shown, { best, against }, most) => {
  if (own.length === 0) return '–';
  const [{ contender }] = own;
  const near = against[contender];
  const text = `${shown(own)}${own.length < most ? ` (${own.length} of ${most} seeds)` : ''}`;
  if (contender === best) return `**${text}**`;
  return contender !== 'truth' && near !== undefined && near.difference <= near.standardError ? `${text} ≈` : text;
};

/**
 * One row per data set, one column per contender.
 *
 * @param {readonly Group[]} groups
 * @param {readonly string[]} names
 * @param {Bests} comparisons
 * @param {(own: readonly StudyRecord[]) => string} shown
 */
const grid = (groups, names, comparisons, shown) =>
  table(
    ['data', ...names],
    groups.map(([data, all]) => {
      const most = Math.max(...[...grouped(all, ({ contender }) => contender).values()].map((own) => own.length));
      return [
        data,
        ...names.map((name) =>
          cell(
            all.filter(({ contender }) => contender === name),
            shown,
            comparisons[data],
            most,
          ),
        ),
      ];
    }),
  );

/**
 * @param {readonly Group[]} groups
 * @param {readonly string[]} names
 * @param {Comparisons} comparisons
 * @param {number} digits
 */
const gaps = (groups, names, comparisons, digits) =>
  table(
    ['data', 'best', ...names],
    groups.map(([data]) => {
      const { best, against } = comparisons[data];
      return [
        data,
        best,
        ...names.map((name) => {
          const found = against[name];
          return name === best || found === undefined
            ? '–'
            : `${fixed(found.difference, digits)} ± ${fixed(found.standardError, digits)}`;
        }),
      ];
    }),
  );

/**
 * Differences of the others from ours, on tables.
 *
 * @param {readonly Group[]} groups
 * @param {Contenders} contenders
 * @param {Comparisons} comparisons
 */
const besideOurs = (groups, contenders, comparisons) => {
  const found = groups.filter(([data]) => Object.keys(comparisons[data].ours).length > 0);
  const names = Object.keys(contenders).filter((name) =>
    found.some(([data]) => comparisons[data].ours[name] !== undefined),
  );
  if (found.length === 0) return [];
  return [
    `Nats above \`${OURS}\`, with paired standard errors: above 0, \`${OURS}\` is ahead. Bold: more than ` +
      'a standard error, either way. –: not measured, or the numbers of these test rows are not stored.',
    ...table(
      ['data', ...names],
      found.map(([data]) => [data, ...names.map((name) => clear(comparisons[data].ours[name]))]),
    ),
  ];
};

/**
 * A difference, bold if it is larger than its standard error.
 *
 * @param {Gap | undefined} gap
 */
const clear = (gap) => {
  if (gap === undefined) return '–';
  const text = `${fixed(gap.difference, 3)} ± ${fixed(gap.standardError, 3)}`;
  return Math.abs(gap.difference) > gap.standardError ? `**${text}**` : text;
};

/**
 * Implicit against residual blocks with the same nets.
 *
 * @param {readonly Group[]} groups
 * @param {Comparisons} comparisons
 */
const paired = (groups, comparisons) => {
  const found = groups.filter(([data]) => Object.keys(comparisons[data].pairs).length > 0);
  if (found.length === 0) return [];
  const names = PAIRS.map(([first]) => first).filter((first) =>
    found.some(([data]) => comparisons[data].pairs[first] !== undefined),
  );
  return [
    '## Implicit against residual blocks',
    '',
    'Loss of the implicit flow less that of the residual flow with the same nets, at equal parameters ' +
      'and seconds, with paired standard errors: below 0, the implicit flow is better. Bold: more than a ' +
      'standard error, either way.',
    ...table(
      ['data', ...names.map((name) => `\`${name}\``)],
      found.map(([data]) => [data, ...names.map((name) => clear(comparisons[data].pairs[name]))]),
    ),
  ];
};

/**
 * Fitting a function and images, of other measurements.
 *
 * @param {Elsewhere} [measurements]
 */
const others = ({ fit, images = [], classes = [] } = {}) => [
  ...(fit === undefined
    ? []
    : [
        '## Fitting a function',
        '',
        'One block fits a map with slopes from 0.1 to 10 by least squares ([theorem.md](theorem.md)), as in the figure of the paper. Residual blocks have slopes below 2.',
        ...table(
          ['block', 'parameters', 'largest error', 'root mean square'],
          /** @type {const} */ (['implicit', 'residual']).map((name) => [
            name,
            fit[name].parameters,
            fixed(fit[name].maxError, 3),
            fixed(fit[name].rms, 4),
          ]),
        ),
      ]),
  ...(images.length === 0 ? [] : ['## Images', '']),
  ...images.flatMap(({ title, models }) => [
    `Densities of ${title}, 28 x 28, by convolutional blocks in seven minutes on all cores ([images.md](images.md)):`,
    ...table(
      ['model', 'parameters', 'steps', 'bits per dimension', '95 % interval'],
      models.map(({ model, parameters, steps, heldOut: { bitsPerDim } }) => [
        model,
        parameters,
        steps,
        fixed(bitsPerDim.mean, 3),
        `${fixed(bitsPerDim.low, 3)} to ${fixed(bitsPerDim.high, 3)}`,
      ]),
    ),
  ]),
  ...classes.flatMap(({ title, models }) => [
    `Classes of ${title} by ResNets of these blocks:`,
    ...table(
      ['blocks', 'cap', 'parameters', 'accuracy (%)', '95 % interval'],
      models.map(({ name, coeff, parameters, heldOut: { accuracy } }) => [
        name,
        coeff ?? '–',
        parameters,
        fixed(100 * accuracy.mean, 1),
        `${fixed(100 * accuracy.low, 1)} to ${fixed(100 * accuracy.high, 1)}`,
      ]),
    ),
  ]),
];

/** @param {Group} group */
const describe = ([data, all]) => {
  const [{ rows, columns, noise = {} }] = all;
  const scales = all.map(({ logScale }) => logScale);
  const steps = Object.values(noise);
  return [
    data,
    columns,
    rows.train,
    rows.validation,
    rows.test,
    steps.length === 0 ? '–' : `${steps.length} of ${columns}`,
    range(scales, 2),
  ];
};

/**
 * @param {readonly Group[]} groups
 * @param {Contenders} contenders
 * @param {Comparisons} comparisons
 * @param {Sources} sources
 */
const densities = (groups, contenders, comparisons, sources) => [
  '## Held-out loss',
  '',
  'Nats per row on the test rows, mean over seeds: lower is better. Densities are in the raw units of ' +
    'the columns, so compare only numbers in the same row of a table. Bold: the lowest. ≈: within one ' +
    'paired standard error of it.',
  'The paired standard error is the larger of two: that of the difference on the same test rows, and that of the differences between seeds. `truth`: the true distribution; no expected loss is lower.',
  '',
  ...[
    { title: '### Tables', own: groups.filter(([data]) => sources[data].kind !== 'toy') },
    { title: '### Toys', own: groups.filter(([data]) => sources[data].kind === 'toy') },
  ].flatMap(({ title, own }) => {
    if (own.length === 0) return [];
    const names = columnsOf(
      own.flatMap(([, all]) => all),
      contenders,
    );
    return [
      title,
      ...grid(own, names, comparisons, (records) => fixed(mean(records.map(lossOf)), 3)),
      'Nats above the best contender, with paired standard errors:',
      ...gaps(own, names, comparisons, 3),
      ...besideOurs(own, contenders, comparisons),
    ];
  }),
];

/** @param {StudyRecord} record */
const ranked = ({ anomalies = { auc: NaN, averagePrecision: NaN, normal: 0 } }) => anomalies;

/**
 * @param {readonly Group[]} groups
 * @param {Contenders} contenders
 * @param {Comparisons} comparisons
 */
const anomalies = (groups, contenders, comparisons) => {
  const names = columnsOf(
    groups.flatMap(([, all]) => all),
    contenders,
  );
  return [
    '## Anomalies',
    '',
    'One class is held out of training and validation. The test rows are rows of the other classes and ' +
      'all rows of the held-out class, which are the anomalies. Each seed holds out another class, as far ' +
      'as there are enough (for breast cancer always malignant tumors).',
    'Rows are ranked by log-density, or by the score of the method. Bold: the highest. ≈: within one paired standard error of it (DeLong).',
    '',
    'Area under the ROC curve, mean over seeds:',
    ...grid(groups, names, comparisons, (own) => fixed(mean(own.map((record) => ranked(record).auc)), 4)),
    'Average precision, mean over seeds. Bold: the highest:',
    ...grid(
      groups,
      names,
      Object.fromEntries(
        groups.map(([data, all]) => [
          data,
          { best: bestOf(all, (record) => -ranked(record).averagePrecision), against: {} },
        ]),
      ),
      (own) => fixed(mean(own.map((record) => ranked(record).averagePrecision)), 4),
    ),
    '### Area below the best, with paired standard errors',
    '',
    ...gaps(groups, names, comparisons, 4),
  ];
};

/**
 * @param {readonly StudyRecord[]} records
 * @param {Contenders} contenders
 */
const about = (records, contenders) => [
  '## Contenders',
  '',
  'Processor seconds: for our flows, the whole process with its final measurements; for the others, fitting only. Parameters: numbers that are fitted or stored.',
  ...table(
    ['name', 'contender', 'parameters', 'processor seconds', 'runs'],
    columnsOf(records, contenders)
      .filter((name) => name !== 'truth')
      .map((name) => {
        const own = records.filter(({ contender }) => contender === name);
        const parameters = own.flatMap((record) =>
          record.parameters === null || record.parameters === undefined ? [] : [record.parameters],
        );
        const { title, options = [] } = contenders[name];
        return [
          `\`${name}\``,
          `${title}${options.length === 0 ? '' : `: \`${options.join(' ')}\``}`,
          parameters.length === 0 ? '–' : range(parameters),
          range(own.map((record) => record.processorSeconds)),
          own.length,
        ];
      }),
  ),
];

/**
 * @template T
 * @param {readonly T[]} values
 */
const unique = (values) => [...new Set(values)].sort();

/**
 * The page.
 *
 * @param {object} parts
 * @param {readonly StudyRecord[]} parts.records
 * @param {Contenders} parts.contenders By name, in the order of the tables.
 * @param {Sources} parts.sources By name, in the order of the tables.
 * @param {Comparisons} parts.comparisons
 * @param {Elsewhere} [parts.measurements]
 * @param {readonly { title: string; file: string }[]} [parts.pictures] Files of curves, relative to the page.
 */
export const studyPage = ({ records, contenders, sources, comparisons, measurements, pictures = [] }) => {
  const groups = byData(records, sources);
  const found = groups.filter(([, all]) => all[0].anomalies === undefined);
  const withAnomalies = groups.filter(([, all]) => all[0].anomalies !== undefined);
  const machines = unique(records.map(({ machine: m }) => `${m.cores} cores of ${m.cpu}, ${m.memoryGiB} GiB`));
  const versions = unique(
    records.flatMap((record) => Object.entries(record.versions).map(([name, version]) => `${name} ${version}`)),
  );
  const dates = unique(records.map(({ date }) => date));
  const seeds = unique(records.map(({ seed }) => seed)).sort((a, b) => a - b);
  return (
    [
      '# Study: contenders on the same rows, at equal seconds',
      '',
      'Written by `npm run study -- --markdown docs/study.md` from the records in [docs/measured](measured), of ' +
        `${dates.join(', ')}. Machines: ${machines.join('; ')}. Versions: ${versions.join(', ')}.`,
      '',
      `Seeds: ${seeds.join(', ')}. Each contender gets ${range(records.map(({ budget }) => budget))} s on one ` +
        'thread. Some contenders stop earlier by their own rule. All read the same three files for a data set and a ' +
        'seed: training, validation and test rows.',
      '',
      ...(found.length === 0 ? [] : densities(found, contenders, comparisons, sources)),
      ...paired(found, comparisons),
      ...(pictures.length === 0
        ? []
        : [
            '## Curves',
            '',
            ...pictures.flatMap(({ title, file }) => [
              `![${title}: loss on the validation rows against steps and seconds](${file})`,
              '',
            ]),
          ]),
      ...(withAnomalies.length === 0 ? [] : anomalies(withAnomalies, contenders, comparisons)),
      ...others(measurements),
      ...about(records, contenders),
      '## Data',
      '',
      'Columns on a decimal grid, such as whole numbers, got noise of U[0, step) before the split: their ' +
        'values repeat, and without noise the likelihood is unbounded. If one value has more than 2 % of ' +
        'the rows and the grid is fine or missing, the noise is as wide as a hundredth of the distance ' +
        'between the quartiles.',
      'Log scale: the sum of the logarithms of the standard deviations of the columns on the training rows of each seed. A loss minus the log scale is the loss of standardized columns.',
      ...table(
        ['data', 'columns', 'training rows', 'validation rows', 'test rows', 'columns with noise', 'log scale (nats)'],
        groups.map(describe),
      ),
    ]
      .join('\n')
      .replace(/\n{3,}/gu, '\n\n')
      .trimEnd() + '\n'
  );
};
