import { mean, median, variance } from '../bench/statistics.mjs';
import { tableText } from '../markdown.mjs';
import { measuredBy } from '../measure/page.mjs';
import { METHODS } from './posteriors.mjs';
import { SIMULATORS } from './simulators.mjs';
import { SOURCES } from './sources.mjs';
import { ksP } from './statistics.mjs';

/** @typedef {Record<string, any>} Measured A record of a measurement, or a part of a record. */

/**
 * @param {number} value
 * @param {number} digits
 */
const fixed = (value, digits) => value.toFixed(digits);
/**
 * Returns the median, with the range of all values.
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

/**
 * Returns the records grouped by name, in the order of the names, without names that have no records.
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

/**
 * Returns a table with a row for each data set in the records.
 *
 * @param {readonly Measured[]} records
 * @param {readonly string[]} head
 * @param {(own: readonly Measured[], name: string) => readonly (string | number)[]} cells
 */
const byTable = (records, head, cells) =>
  tableText(
    ['table', ...head],
    groups(records, Object.keys(SOURCES), 'data').map(({ name, own }) => [name, ...cells(own, name)]),
  );

const RIVALS = {
  independent: 'independent columns',
  treeAndNormals: 'a normal per category',
  mixtures: 'scikit-learn',
};

/** @param {readonly Measured[]} records */
const densities = (records) =>
  byTable(records, ['training rows', 'fresh rows', '`impflow`', ...Object.values(RIVALS)], (own) => [
    own[0].rows.train,
    own[0].rows.fresh,
    fixed(median(own.map(({ nats }) => nats.impflow)), 2),
    ...Object.keys(RIVALS).map((rival) => fixed(median(own.map(({ nats }) => nats[rival].nats)), 2)),
  ]);

/** @param {readonly Measured[]} records */
const leads = (records) =>
  byTable(records, Object.values(RIVALS), (own) =>
    Object.keys(RIVALS).map((rival) => {
      const each = own.map(({ nats }) => nats[rival]);
      const behind = each.map((one) => one.behind);
      const rows = Math.sqrt(mean(each.map(({ standardError }) => standardError ** 2)) / each.length);
      const seeds = Math.sqrt(variance(behind) / each.length);
      return `${fixed(mean(behind), 2)} ± ${fixed(Math.max(rows, seeds), 2)}`;
    }),
  );

/** @param {readonly Measured[]} records */
const calibration = (records) =>
  byTable(records, ['columns', 'ranks', 'in the central 50 %', 'in the central 90 %', 'p'], (own) => {
    const columns = own[0].ranks.map((/** @type {Measured} */ { name: column }) =>
      own.flatMap(({ ranks }) => ranks.find((/** @type {Measured} */ each) => each.name === column)?.ranks ?? []),
    );
    /** @type {readonly number[]} */
    const all = columns.flat();
    /** @param {number} share */
    const inside = (share) => all.filter((rank) => Math.abs(rank - 0.5) <= share / 2).length / all.length;
    const p = Math.min(1, columns.length * Math.min(...columns.map(ksP)));
    return [columns.length, all.length, percent(inside(0.5)), percent(inside(0.9)), probability(p)];
  });

/** @param {readonly Measured[]} records */
const gaps = (records) =>
  byTable(
    records,
    ['numbers', 'covered', 'least covered column', 'error', 'categories', 'by the most frequent'],
    (own) => {
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
        numbers.reduce((sum, { rows }) => sum + rows, 0),
        percent(covered(numbers)),
        percent(least),
        fixed(mean(numbers.map(({ error, usual }) => error / usual)), 2),
        categories.length === 0 ? '–' : percent(mean(categories.map(({ right }) => right))),
        categories.length === 0 ? '–' : percent(mean(categories.map(({ usual }) => usual))),
      ];
    },
  );

/** @param {readonly Measured[]} records */
const wrongCells = (records) =>
  byTable(records, ['columns', 'rows', 'found', 'by itself'], (own) => [
    own[0].wrongCells.columns,
    own.reduce((sum, each) => sum + each.wrongCells.rows, 0),
    percent(mean(own.map((each) => each.wrongCells.found))),
    percent(mean(own.map((each) => each.wrongCells.byItself))),
  ]);

/** @param {readonly Measured[]} records */
const alarms = (records) => {
  /** @type {readonly number[]} */
  const rates = records[0].falseAlarms.map((/** @type {Measured} */ { rate }) => rate);
  return byTable(records, ['rows', ...rates.map(percent)], (own) => {
    const rows = own.reduce((sum, { falseAlarms }) => sum + falseAlarms[0].rows, 0);
    const shares = rates.map((_, i) => own.reduce((sum, { falseAlarms }) => sum + falseAlarms[i].alarms, 0) / rows);
    return [rows, ...shares.map(percent)];
  });
};

/**
 * Returns two tables for each simulator: accuracies and losses, and the calibration of ranks.
 *
 * @param {readonly Measured[]} records
 */
const posteriors = (records) =>
  groups(records, Object.keys(SIMULATORS), 'data').flatMap(({ name, own }) => {
    const methods = groups(own, Object.keys(METHODS), 'method');
    const found = tableText(
      ['method', 'C2ST', 'loss', 'seconds', 'parameters', 'runs'],
      methods.map(({ name: method, own: runs }) => {
        const figures = /** @type {const} */ ([
          [runs.map(({ c2st }) => mean(c2st)), 3],
          [runs.map(({ nats }) => nats), 3],
          [runs.map(({ seconds }) => seconds), 0],
        ]);
        return [
          METHODS[method].title,
          ...figures.map(([numbers, digits]) => range(numbers, digits)),
          runs[0].parameters,
          runs.length,
        ];
      }),
    );
    const ranks = tableText(
      ['method', 'in the central 90 %', 'p, Kolmogorov-Smirnov', 'p, chi-square'],
      methods.map(({ name: method, own: runs }) => {
        /** @type {readonly { ks: number; chiSquare: number; inside90: number }[]} */
        const all = runs.flatMap((run) => run.ranks);
        /** @param {readonly number[]} p */
        const smallest = (p) => probability(Math.min(1, p.length * Math.min(...p)));
        return [
          METHODS[method].title,
          percent(mean(all.map(({ inside90 }) => inside90))),
          smallest(all.map(({ ks }) => ks)),
          smallest(all.map(({ chiSquare }) => chiSquare)),
        ];
      }),
    );
    return [
      [name, found],
      [`${name} ranks`, ranks],
    ];
  });

/** @param {readonly Measured[]} records */
const data = (records) =>
  byTable(records, ['what', 'columns', 'options'], ([{ columns }], name) => {
    /** @param {string} kind */
    const count = (kind) => columns.filter((/** @type {Measured} */ column) => column.kind === kind).length;
    const { title, options } = SOURCES[name];
    return [
      title,
      `${count('number')} numbers or dates, ${count('category')} categories`,
      options === undefined ? '–' : `\`--leave-out ${options.leaveOut}\``,
    ];
  });

/**
 * Returns the measured parts of docs/tables.md.
 *
 * @param {readonly Measured[]} records
 */
export const tablesTexts = (records) => {
  const tables = records.filter(({ method }) => method === 'table');
  const simulations = records.filter(({ method }) => method !== 'table');
  return {
    from: measuredBy('tables', records),
    ...(tables.length === 0
      ? {}
      : {
          densities: densities(tables),
          leads: leads(tables),
          calibration: calibration(tables),
          gaps: gaps(tables),
          'wrong cells': wrongCells(tables),
          alarms: alarms(tables),
          data: data(tables),
        }),
    ...Object.fromEntries(posteriors(simulations)),
  };
};
