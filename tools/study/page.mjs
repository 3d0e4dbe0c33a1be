import { table } from '../markdown.mjs';
// Writes docs/study.md from the records.
import { bestOf, lossOf } from './compare.mjs';
import { mean, fixed, range, byData, columnsOf, grid, gaps, besideOurs, paired } from './page-tables.mjs';

/**
 * @import { Elsewhere } from './elsewhere.mjs'
 * @import { Group, Contenders, Sources, Comparisons } from './page-tables.mjs'
 * @import { StudyRecord } from './records.mjs'
 */

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
        const { title, options = {} } = contenders[name];
        const chosen = Object.entries(options).map(([option, value]) => `${option}: ${value}`);
        return [
          `\`${name}\``,
          `${title}${chosen.length === 0 ? '' : `: \`${chosen.join(', ')}\``}`,
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
