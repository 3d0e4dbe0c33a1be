import { mean } from '../bench/statistics.mjs';
import { tableText } from '../markdown.mjs';
import { measuredBy, unique } from '../measure/page.mjs';
import { bestOf, lossOf, OURS, PAIRS } from './compare.mjs';
import { byData, columnsOf, differences, fixed, gaps, grid, range } from './page-tables.mjs';
import { LONG } from './records.mjs';

/**
 * @import { Group, Contenders, Sources, Comparisons } from './page-tables.mjs'
 * @import { Details, StudyRecord } from './records.mjs'
 */

/** @param {Group} group */
const describe = ([data, all]) => {
  const [{ rows, columns, noise = {} }] = all;
  const noisy = Object.keys(noise).length;
  return [
    data,
    columns,
    rows.train,
    rows.validation,
    rows.test,
    noisy === 0 ? '–' : `${noisy} of ${columns}`,
    range(
      all.map(({ logScale }) => logScale),
      2,
    ),
  ];
};

/** @param {readonly Group[]} groups */
const recordsOf = (groups) => groups.flatMap(([, all]) => all);

/**
 * @param {string} title
 * @param {readonly Group[]} groups
 * @param {Contenders} contenders
 * @param {Comparisons} comparisons
 * @returns {Record<string, string>}
 */
const densities = (title, groups, contenders, comparisons) => {
  if (groups.length === 0) return {};
  const names = columnsOf(recordsOf(groups), contenders);
  const beside = differences(groups, Object.keys(contenders), comparisons, 'ours');
  return {
    [title]: grid(groups, names, comparisons, (records) => fixed(mean(records.map(lossOf)), 3)),
    [`${title} above the best`]: gaps(groups, names, comparisons, 3),
    ...(beside === undefined ? {} : { [`${title} above default`]: beside }),
  };
};

/**
 * @param {readonly Group[]} groups
 * @param {Contenders} contenders
 * @param {Comparisons} comparisons
 * @returns {Record<string, string>}
 */
const anomalies = (groups, contenders, comparisons) => {
  if (groups.length === 0) return {};
  const names = columnsOf(recordsOf(groups), contenders);
  /** @param {StudyRecord} record */
  const precision = ({ anomalies: found }) => found?.averagePrecision ?? NaN;
  const bests = groups.map(([data, all]) => [data, { best: bestOf(all, (record) => -precision(record)), against: {} }]);
  return {
    auc: grid(groups, names, comparisons, (own) => fixed(1 - mean(own.map(lossOf)), 4)),
    precision: grid(groups, names, Object.fromEntries(bests), (own) => fixed(mean(own.map(precision)), 4)),
    'auc below the best': gaps(groups, names, comparisons, 4),
  };
};

/**
 * @param {readonly StudyRecord[]} records
 * @param {Contenders} contenders
 */
const about = (records, contenders) =>
  tableText(
    ['name', 'contender', 'parameters', 'processor seconds', 'runs'],
    columnsOf(records, contenders)
      .filter((name) => name !== 'truth')
      .map((name) => {
        const own = records.filter(({ contender }) => contender === name);
        const parameters = own.flatMap((record) => record.parameters ?? []);
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
  );

/**
 * Returns the table of the mean seconds of `default` on each data set, by stage, and of the training rows per second of
 * its steps and of the steps of `nsf`. Returns undefined if no record has the seconds of its stages.
 *
 * @param {readonly Group[]} groups
 */
const account = (groups) => {
  const rows = groups.flatMap(([data, all]) => {
    /** @param {string} contender */
    const detailsOf = (contender) =>
      all.filter((record) => record.contender === contender).flatMap(({ details }) => details ?? []);
    const own = detailsOf(OURS).filter(({ time }) => time !== undefined);
    if (own.length === 0) return [];
    /** @param {(details: Details) => number} value */
    const over = (value) => mean(own.map(value));
    const steps = over(({ stepSeconds = NaN }) => stepSeconds);
    const { reading, choices, training, validation, evaluation, total } = Object.fromEntries(
      ['reading', 'choices', 'training', 'validation', 'evaluation', 'total'].map((stage) => [
        stage,
        over(({ time = {} }) => time[stage]),
      ]),
    );
    const [ours, theirs] = [own, detailsOf('nsf')].map((found) =>
      found.flatMap(({ rowsPerSecond }) => rowsPerSecond ?? []),
    );
    return [
      [
        data,
        ...[reading + choices, steps, validation, training - steps - validation, evaluation, total].map((each) =>
          fixed(each, 1),
        ),
        `${fixed((100 * steps) / total, 0)} %`,
        ...[ours, theirs].map((speeds) => (speeds.length === 0 ? '–' : Math.round(mean(speeds)).toLocaleString('en'))),
      ],
    ];
  });
  if (rows.length === 0) return undefined;
  return tableText(
    [
      'data',
      'reading and choices',
      'steps',
      'validations',
      'other parts of training',
      'evaluation',
      'total',
      'steps / total',
      'rows per second',
      'rows per second of `nsf`',
    ],
    rows,
  );
};

/**
 * Returns the measured parts of docs/study.md about long trainings, by name: none if there are no records.
 *
 * @param {Parameters<typeof studyTexts>[0]} parts
 * @returns {Record<string, string>}
 */
export const longTexts = ({ records, contenders, sources, comparisons }) => {
  // A single contender has nothing to be compared with.
  const groups = byData(records, sources).filter(([, all]) => unique(all.map(({ contender }) => contender)).length > 1);
  const pairs = pairsTable(groups, comparisons);
  return {
    ...densities(`tables in ${LONG} s`, groups, contenders, comparisons),
    ...(pairs === undefined ? {} : { [`pairs in ${LONG} s`]: pairs }),
  };
};

/**
 * @param {readonly Group[]} groups
 * @param {Comparisons} comparisons
 */
const pairsTable = (groups, comparisons) =>
  differences(
    groups,
    PAIRS.map(([first]) => first),
    comparisons,
    'pairs',
  );

/**
 * Returns the measured parts of docs/study.md, by name.
 *
 * @param {object} parts
 * @param {readonly StudyRecord[]} parts.records
 * @param {Contenders} parts.contenders By name, in the order of the tables.
 * @param {Sources} parts.sources By name, in the order of the tables.
 * @param {Comparisons} parts.comparisons
 * @returns {Record<string, string>}
 */
export const studyTexts = ({ records, contenders, sources, comparisons }) => {
  const groups = byData(records, sources);
  /** @param {string} kind */
  const of = (kind) => groups.filter(([data]) => sources[data].kind === kind);
  const pairs = pairsTable(groups, comparisons);
  const seconds = account(groups);
  const seeds = unique(records.map(({ seed }) => seed)).sort((a, b) => a - b);
  return {
    from: `${measuredBy('study', records)} Seeds: ${seeds.join(', ')}; ${range(records.map(({ budget }) => budget))} s each.`,
    ...densities('tables', of('density'), contenders, comparisons),
    ...densities('toys', of('toy'), contenders, comparisons),
    ...(pairs === undefined ? {} : { pairs }),
    ...anomalies(of('anomalies'), contenders, comparisons),
    ...(seconds === undefined ? {} : { seconds }),
    contenders: about(records, contenders),
    data: tableText(
      ['data', 'columns', 'training rows', 'validation rows', 'test rows', 'columns with noise', 'log scale (nats)'],
      groups.map(describe),
    ),
  };
};
