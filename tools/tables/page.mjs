// docs/tables.md from the records of the measurements.
import { METHODS, SIZES } from './posteriors.mjs';
import { SIMULATORS } from './simulators.mjs';
import { FRESH, SOURCES } from './sources.mjs';
import { ksP, mean, median } from './statistics.mjs';

/** @typedef {Record<string, any>} Measured A record, as run.mjs writes it. */

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly (string | number)[])[]} rows
 */
const table = (head, rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/**
 * @param {number} value
 * @param {number} digits
 */
const fixed = (value, digits) => value.toFixed(digits);
/**
 * The median, with the range of all.
 *
 * @param {readonly number[]} values
 * @param {number} digits
 */
const range = (values, digits) => {
  const [low, high] = [Math.min(...values), Math.max(...values)].map((value) => fixed(value, digits));
  return low === high ? low : `${fixed(median(values), digits)} (${low} to ${high})`;
};
/** @param {number} value */
const percent = (value) => `${fixed(100 * value, 1)} %`;
/** @param {number} value */
const probability = (value) => (value < 0.001 ? '< 0.001' : fixed(value, 3));
/** @param {readonly string[]} values */
const unique = (values) => [...new Set(values)].sort().join(', ');

/**
 * The records of each name that has some, in the order of the names.
 *
 * @param {readonly Measured[]} records
 * @param {readonly string[]} names
 * @param {string} field
 */
const groups = (records, names, field) =>
  names.flatMap((name) => {
    const own = records.filter((record) => record[field] === name);
    return own.length === 0 ? [] : [{ name, own }];
  });

/** @param {readonly Measured[]} records */
const densities = (records) => {
  const found = groups(records, Object.keys(SOURCES), 'data');
  const rivals = /** @type {const} */ ([
    ['independent', 'independent columns'],
    ['treeAndNormals', 'a normal per category'],
    ['mixtures', 'scikit-learn'],
  ]);
  return [
    '## Density',
    '',
    'Mean loss on fresh rows without gaps, in nats per row, in the units of the file: lower is better. Median over the seeds.',
    '',
    table(
      ['table', 'training rows', 'fresh rows', '`impflow`', ...rivals.map(([, title]) => title)],
      found.map(({ name, own }) => [
        name,
        own[0].rows.train,
        own[0].rows.fresh,
        fixed(median(own.map(({ nats }) => nats.impflow)), 2),
        ...rivals.map(([rival]) => fixed(median(own.map(({ nats }) => nats[rival].nats)), 2)),
      ]),
    ),
    '',
    'Nats that a rival loses more than `impflow` on the same rows, mean over the seeds, with the standard error over rows and seeds. Above 0, `impflow` is ahead.',
    '',
    table(
      ['table', ...rivals.map(([, title]) => title)],
      found.map(({ name, own }) => [
        name,
        ...rivals.map(([rival]) => {
          const each = own.map(({ nats }) => nats[rival]);
          const middle = mean(each.map(({ behind }) => behind));
          const rows = Math.sqrt(mean(each.map(({ standardError }) => standardError ** 2)) / each.length);
          const seeds = Math.sqrt(
            each.reduce((sum, { behind }) => sum + (behind - middle) ** 2, 0) /
              Math.max(1, each.length - 1) /
              each.length,
          );
          return `${fixed(middle, 2)} ± ${fixed(Math.max(rows, seeds), 2)}`;
        }),
      ]),
    ),
    '',
    '- Independent columns: a normal distribution for each number, smoothed frequencies for each category.',
    '- A normal per category: the tree of categories of `impflow`, times a normal distribution of the numbers for each category of the first category column, with a shrunken covariance.',
    '- scikit-learn: the same tree, times a `GaussianMixture` of the numbers for each category of one column. The validation rows choose the column, the components (1 to 6) and the kind of covariance.',
    '',
    'All rivals get the columns as `impflow` transforms them, the same training rows and the same validation rows.',
  ];
};

/** @param {readonly Measured[]} records */
const calibration = (records) => [
  '## Calibration',
  '',
  'The rank of a number in its density given all other cells of its row, by `explain`. Ranks of a calibrated density are uniform: half of them lie in the central 50 %, nine in ten in the central 90 %. All number columns and seeds together. p: the smallest p-value of the Kolmogorov-Smirnov tests of the columns, times their number.',
  '',
  table(
    ['table', 'columns', 'ranks', 'in the central 50 %', 'in the central 90 %', 'p'],
    groups(records, Object.keys(SOURCES), 'data').map(({ name, own }) => {
      const columns = own[0].ranks.map((/** @type {Measured} */ { name: column }) =>
        own.flatMap(({ ranks }) => ranks.find((/** @type {Measured} */ each) => each.name === column)?.ranks ?? []),
      );
      const all = columns.flat();
      /** @param {number} share */
      const inside = (share) =>
        all.filter((/** @type {number} */ rank) => Math.abs(rank - 0.5) <= share / 2).length / all.length;
      const p = Math.min(1, columns.length * Math.min(...columns.map(ksP)));
      return [name, columns.length, all.length, percent(inside(0.5)), percent(inside(0.9)), probability(p)];
    }),
  ),
];

/** @param {readonly Measured[]} records */
const gaps = (records) => [
  '## Gaps',
  '',
  'One cell of each fresh row is taken out and filled by 39 draws, for each column in turn. Covered: true numbers in the 90 % interval of the draws. Error: mean absolute error of the median of the draws, as a share of that of the median of the column; mean over the columns. Categories: right guesses by the most frequent draw, and by the most frequent category of the column.',
  '',
  table(
    ['table', 'numbers', 'covered', 'least covered column', 'error', 'categories', 'by the most frequent'],
    groups(records, Object.keys(SOURCES), 'data').map(({ name, own }) => {
      /** @type {readonly Measured[]} */
      const columns = own.flatMap((record) => record.gaps);
      const numbers = columns.filter(({ kind }) => kind === 'number');
      const categories = columns.filter(({ kind }) => kind === 'category');
      const names = [...new Set(numbers.map((column) => column.name))];
      /** @param {readonly Measured[]} some */
      const covered = (some) =>
        some.reduce((sum, column) => sum + column.covered, 0) / some.reduce((sum, { rows }) => sum + rows, 0);
      const least = Math.min(...names.map((column) => covered(numbers.filter((each) => each.name === column))));
      return [
        name,
        numbers.reduce((sum, { rows }) => sum + rows, 0),
        percent(covered(numbers)),
        percent(least),
        fixed(mean(numbers.map(({ error, usual }) => error / usual)), 2),
        categories.length === 0 ? '–' : percent(mean(categories.map(({ right }) => right))),
        categories.length === 0 ? '–' : percent(mean(categories.map(({ usual }) => usual))),
      ];
    }),
  ),
];

/** @param {readonly Measured[]} records */
const reasons = (records) => [
  '## Wrong cells',
  '',
  'One cell of each fresh row is replaced by that of another row, at least two standard deviations away, or by another category. Found: the share of rows whose wrong column `explain` names first. By itself: the share if the column is named whose cell is the most extreme among the training rows. Guessing finds one in the number of columns.',
  '',
  table(
    ['table', 'columns', 'rows', 'found', 'by itself'],
    groups(records, Object.keys(SOURCES), 'data').map(({ name, own }) => [
      name,
      own[0].wrongCells.columns,
      own.reduce((sum, { wrongCells }) => sum + wrongCells.rows, 0),
      percent(mean(own.map(({ wrongCells }) => wrongCells.found))),
      percent(mean(own.map(({ wrongCells }) => wrongCells.byItself))),
    ]),
  ),
];

/** @param {readonly Measured[]} records */
const alarms = (records) => {
  /** @type {readonly number[]} */
  const rates = records[0].falseAlarms.map((/** @type {Measured} */ { rate }) => rate);
  return [
    '## False alarms',
    '',
    'Share of fresh rows whose conformal p-value is at most the stated rate. On average over runs it is at most that rate. A single run has few held-out rows (a tenth of its rows), so its own share varies; p-values of few rows cannot be small.',
    '',
    table(
      ['table', 'rows', ...rates.map(percent)],
      groups(records, Object.keys(SOURCES), 'data').map(({ name, own }) => [
        name,
        own.reduce((sum, { falseAlarms }) => sum + falseAlarms[0].rows, 0),
        ...rates.map((_, i) =>
          percent(
            own.reduce((sum, { falseAlarms }) => sum + falseAlarms[i].alarms, 0) /
              own.reduce((sum, { falseAlarms }) => sum + falseAlarms[i].rows, 0),
          ),
        ),
      ]),
    ),
  ];
};

/** @param {readonly Measured[]} records */
const posteriors = (records) => [
  '## Posteriors of simulators',
  '',
  `Trained on the same ${SIZES.train.toLocaleString('en')} simulations: parameters of the prior with their simulated values. C2ST: accuracy of a classifier that tells ${SIZES.draws.toLocaleString('en')} draws of the posterior from as many of the reference posterior, mean over the ten observations of sbibm: 0.5 is perfect, lower is better. Loss: mean negative log-density of the true parameters given ${SIZES.test} fresh simulations, in nats, with the mass outside of the prior taken off. Seconds: training, on all cores of the same machine; \`sbi\` trains until its own rule stops. Median over the seeds, with the range.`,
  '',
  ...groups(records, Object.keys(SIMULATORS), 'data').flatMap(({ name, own }) => [
    `### ${SIMULATORS[name].title}`,
    '',
    table(
      ['method', 'C2ST', 'loss', 'seconds', 'parameters', 'runs'],
      groups(own, Object.keys(METHODS), 'method').map(({ name: method, own: runs }) => [
        METHODS[method].title,
        range(
          runs.map(({ c2st }) => mean(c2st)),
          3,
        ),
        range(
          runs.map(({ nats }) => nats),
          3,
        ),
        range(
          runs.map(({ seconds }) => seconds),
          0,
        ),
        runs[0].parameters,
        runs.length,
      ]),
    ),
    '',
    `Calibration by rank statistics: the rank of each true parameter among ${SIZES.rankDraws} draws of its posterior, for ${SIZES.test} draws of the prior and each seed. p: smallest p-value over parameters and seeds, times their number.`,
    '',
    table(
      ['method', 'in the central 90 %', 'p, Kolmogorov-Smirnov', 'p, chi-square'],
      groups(own, Object.keys(METHODS), 'method').map(({ name: method, own: runs }) => {
        /** @type {readonly { ks: number; chiSquare: number; inside90: number }[]} */
        const all = runs.flatMap(({ ranks }) => ranks);
        /** @param {readonly number[]} p */
        const smallest = (p) => probability(Math.min(1, p.length * Math.min(...p)));
        return [
          METHODS[method].title,
          percent(mean(all.map(({ inside90 }) => inside90))),
          smallest(all.map(({ ks }) => ks)),
          smallest(all.map(({ chiSquare }) => chiSquare)),
        ];
      }),
    ),
    '',
  ]),
  'Two moons is from [Greenberg et al., 2019](https://arxiv.org/abs/1905.07488), SLCP from [Papamakarios et al., 2019](https://arxiv.org/abs/1805.07226). Observations, reference posteriors and the classifier are those of [sbibm](https://arxiv.org/abs/2101.04653). A page of the cookbook shows [how to do this](guide/cookbook/simulator.md).',
];

/**
 * The page.
 *
 * @param {readonly Measured[]} records
 */
export const tablesPage = (records) => {
  const tables = records.filter(({ method }) => method === 'table');
  const simulations = records.filter(({ method }) => method !== 'table');
  const machines = unique(records.map(({ machine: m }) => `${m.cores} cores of ${m.cpu}, ${m.memoryGiB} GiB`));
  const versions = unique(
    records.flatMap((record) => Object.entries(record.versions).map(([name, version]) => `${name} ${version}`)),
  );
  return `${[
    '# Measured: densities of records',
    '',
    `Written by \`npm run tables -- --markdown docs/tables.md\` from the records in [docs/measured](measured), of ${unique(records.map(({ date }) => date))}. Machine: ${machines}. Versions: ${versions}.`,
    '',
    ...(tables.length === 0
      ? []
      : [
          `Each table is split by a seed (${unique(tables.map(({ seed }) => String(seed)))}): ${percent(FRESH)} are fresh rows, which no run sees. \`impflow train\` gets the others for ${unique(tables.map(({ budget }) => `${budget} s`))} with its defaults, and itself holds out a tenth to choose weights and a tenth to test on.`,
          '',
          ...densities(tables),
          '',
          ...calibration(tables),
          '',
          ...gaps(tables),
          '',
          ...reasons(tables),
          '',
          ...alarms(tables),
          '',
        ]),
    ...(simulations.length === 0 ? [] : posteriors(simulations)),
    ...(tables.length === 0
      ? []
      : [
          '',
          '## Data',
          '',
          table(
            ['table', 'what', 'columns', 'options'],
            groups(tables, Object.keys(SOURCES), 'data').map(({ name, own }) => [
              name,
              SOURCES[name].title,
              `${own[0].columns.filter((/** @type {Measured} */ { kind }) => kind === 'number').length} numbers or dates, ${own[0].columns.filter((/** @type {Measured} */ { kind }) => kind === 'category').length} categories`,
              SOURCES[name].options === undefined ? '–' : `\`${SOURCES[name].options.join(' ')}\``,
            ]),
          ),
        ]),
  ]
    .join('\n')
    .replace(/\n{3,}/gu, '\n\n')
    .trimEnd()}\n`;
};
