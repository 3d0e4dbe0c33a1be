// `node tools/demo/study.mjs`: writes apps/demo/src/study-numbers.ts, the results of the study that the playground
// shows beside a race of two models. A test checks that the file agrees with docs/measured.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readLines } from '../json-lines.mjs';
import { COMPARED } from '../study/compare.mjs';
import { combined } from '../study/statistics.mjs';

/** @import { StudyRecord, Curve } from '../study/records.mjs' */

const root = fileURLToPath(new URL('../..', import.meta.url));
const FILE = `${root}/apps/demo/src/study-numbers.ts`;
/** The contenders of the races: half as many implicit blocks as residual ones, with equal numbers of parameters. */
const [IMPLICIT, RESIDUAL] = ['implicit-shallow', 'residual-shallow'];
/** Data sets of the page, and the two toy densities of the study on which implicit blocks are furthest ahead. */
const DATA = [
  'thin-gaussians',
  'earthquakes',
  'thin-rings',
  '2spirals',
  'checkerboard',
  'zipcodes',
  'swissroll',
  'pinwheel',
  'moons',
  '8gaussians',
  'circles',
  'rings',
];

/**
 * Returns the lowest loss of a curve until a second, which is the loss of the weights that the training would keep.
 *
 * @param {Curve} curve
 * @param {number} second
 */
const lowest = (curve, second) => Math.min(...curve.filter(([, at]) => at <= second).map(([, , nats]) => nats));

/**
 * Returns the share of the training time from which on the model with the lower loss at the end stays ahead, and whether
 * this model is the first one.
 *
 * @param {Curve} first
 * @param {Curve} second
 */
export const settledAt = (first, second) => {
  const begin = Math.max(first[0][1], second[0][1]);
  const times = [...first, ...second].map(([, at]) => at).filter((at) => at >= begin);
  times.sort((one, other) => one - other);
  const isAhead = times.map((at) => lowest(first, at) < lowest(second, at));
  const wins = isAhead.at(-1) === true;
  const lastOther = isAhead.lastIndexOf(!wins);
  return { wins, share: lastOther < 0 ? 0 : times[lastOther + 1] / times[times.length - 1] };
};

/**
 * Returns the results on one data set.
 *
 * @param {string} data
 * @param {readonly StudyRecord[]} records
 * @param {readonly any[]} compared
 */
const resultOf = (data, records, compared) => {
  const pair = `${IMPLICIT} - ${RESIDUAL}`;
  const gaps = compared.find((each) => each.data === data && each.pair === pair);
  const { difference, standardError } = combined(gaps.seeds);
  /** @param {string} contender @param {number} seed */
  const curveOf = (contender, seed) =>
    records.find((each) => each.data === data && each.contender === contender && each.seed === seed)?.curve ?? [];
  /** @type {readonly { wins: boolean; share: number }[]} */
  const settled = gaps.seeds.map((/** @type {{ seed: number }} */ { seed }) =>
    settledAt(curveOf(IMPLICIT, seed), curveOf(RESIDUAL, seed)),
  );
  const shares = settled.map(({ share }) => share);
  // A lead that may be chance has no time at which it began.
  const isLead = Math.abs(difference) > 2 * standardError && settled.every(({ wins }) => wins === difference < 0);
  return {
    nats: round(-difference, 3),
    standardError: round(standardError, 3),
    ...(isLead ? { from: [Math.min(...shares), Math.max(...shares)].map((share) => round(share, 2)) } : {}),
  };
};

/** @param {number} value @param {number} digits */
const round = (value, digits) => Number(value.toFixed(digits)) + 0;

/** Returns the content of the file, from docs/measured. */
export const studyNumbers = () => {
  const records = readLines(`${root}/docs/measured/study.jsonl`);
  const compared = readLines(`${root}/${COMPARED}`);
  const own = records.filter(({ contender, data }) => contender === IMPLICIT && DATA.includes(data));
  const [seconds, ...others] = [...new Set(own.map(({ budget }) => budget))];
  const { options } = own[0].details;
  const blocks = Number(options[options.indexOf('--blocks') + 1]);
  if (others.length > 0)
    throw new Error(`[demo/study] Races of several lengths: ${[seconds, ...others].join(', ')} s.`);
  const lines = DATA.map((data) => {
    const { nats, standardError, from } = resultOf(data, records, compared);
    const name = /^[a-z]+$/.test(data) ? data : `'${data}'`;
    const times = from === undefined ? '' : `, from: [${from.join(', ')}]`;
    return `  ${name}: { nats: ${nats}, standardError: ${standardError}${times} },`;
  });
  return `// Written by tools/demo/study.mjs from docs/measured/study.jsonl and docs/measured/study-compared.jsonl. Do not edit.

/** Result of the study for a data set. */
export interface StudyResult {
  /**
   * Loss of the residual model minus loss of the implicit model on test rows, in nats per row. If the number is above 0,
   * the implicit model is better.
   */
  readonly nats: number;
  readonly standardError: number;
  /**
   * Share of the training time from which on the better model stayed ahead on the validation rows: the smallest and the
   * largest share over the seeds. Absent if the difference may be chance.
   */
  readonly from?: readonly [number, number];
}

/** Training time of each model in seconds, and numbers of blocks. */
export const STUDY = { seconds: ${seconds}, implicitBlocks: ${blocks}, residualBlocks: ${2 * blocks} } as const;

export const RESULTS: Readonly<Record<string, StudyResult>> = {
${lines.join('\n')}
};
`;
};

export const readNumbersFile = () => readFileSync(FILE, 'utf8');

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(FILE, studyNumbers());
