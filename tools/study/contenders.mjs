// The contenders of the study: models and detectors that are measured on the same rows.
import { ours } from './ours.mjs';
import { peer } from './peers.mjs';
import { truth } from './truth.mjs';

/**
 * @import { Job, Spent } from './records.mjs'
 * @import { Source } from './sources.mjs'
 */

/** @typedef {(job: Job, rows: { folder: string }) => Promise<Spent>} Measure */

/**
 * @typedef {object} Contender
 * @property {string} title Title in docs/study.md.
 * @property {readonly string[]} kinds Kinds of data sets on which the contender is measured.
 * @property {(source: Source, data: string) => boolean} [fits] Whether the contender is measured on a data set.
 * @property {boolean} [python]
 * @property {object} [options] Options of `fit`.
 * @property {Measure} measure
 */

const DENSITIES = ['density', 'toy'];
const ALL = [...DENSITIES, 'anomalies'];

/**
 * @param {string} title
 * @param {object} options Of `fit`.
 * @param {object} [more]
 * @param {readonly string[]} [more.kinds]
 * @returns {Contender}
 */
const flow = (title, options, { kinds = DENSITIES } = {}) => ({ title, kinds, options, measure: ours(options) });
/**
 * @param {string} name
 * @param {string} title
 * @param {readonly string[]} [kinds]
 * @returns {Contender}
 */
const rival = (name, title, kinds = DENSITIES) => ({ title, kinds, python: true, measure: peer(name) });

/** The choices of `fit`, fixed so that the contenders differ only in blocks and nets. */
const PLAIN = { base: 'normal', scaling: 'standard' };

/**
 * The sizes of the tabular experiments of the paper: each net has four hidden layers of 128 units, and a residual flow
 * has ten blocks. `fit` gives a residual flow twice as many blocks as an implicit flow.
 */
const PAPER = { blocks: 5, hidden: [128, 128, 128, 128], net: 'spectral', batch: 1000, ...PLAIN };
/** Data sets that are measured at the sizes of the paper: one has many columns, one has few. */
const WITH_PAPER = ['hipparcos', 'patches'];
/** @type {Contender['fits']} */
const fitsPaper = (_, data) => WITH_PAPER.includes(data);

const SHALLOW = { blocks: 3, hidden: [54, 54], ...PLAIN };

/**
 * Contenders by name, in the order of the columns of the tables.
 *
 * @type {Readonly<Record<string, Contender>>}
 */
export const CONTENDERS = {
  default: flow('fit without options', {}, { kinds: ALL }),
  standard: flow('fit over standardized columns', { scaling: 'standard' }, { kinds: ['anomalies'] }),
  'implicit-spectral': flow('implicit flow, layers capped by their largest singular value', {
    model: 'implicit',
    net: 'spectral',
    ...PLAIN,
  }),
  'implicit-sandwich': flow('implicit flow, sandwich layers', { model: 'implicit', net: 'sandwich', ...PLAIN }),
  'residual-spectral': flow('residual flow, layers capped by their largest singular value', {
    model: 'residual',
    net: 'spectral',
    ...PLAIN,
  }),
  'residual-sandwich': flow('residual flow, sandwich layers', { model: 'residual', net: 'sandwich', ...PLAIN }),
  // Half as many blocks as `implicit-sandwich`, with larger nets and the same total number of parameters.
  'implicit-shallow': flow('implicit flow, sandwich layers, half as many blocks', {
    model: 'implicit',
    net: 'sandwich',
    ...SHALLOW,
  }),
  'residual-shallow': flow('residual flow, sandwich layers, half as many blocks', {
    model: 'residual',
    net: 'sandwich',
    ...SHALLOW,
  }),
  'implicit-paper': {
    ...flow('implicit flow at the sizes of the paper', { model: 'implicit', ...PAPER }),
    kinds: ['density'],
    fits: fitsPaper,
  },
  'residual-paper': {
    ...flow('residual flow at the sizes of the paper, with ten blocks', { model: 'residual', ...PAPER }),
    kinds: ['density'],
    fits: fitsPaper,
  },
  'monotone-spectral': flow('monotone flow, layers capped by their largest singular value', {
    model: 'monotone',
    net: 'spectral',
    ...PLAIN,
  }),
  'monotone-sandwich': flow('monotone flow, sandwich layers', { model: 'monotone', net: 'sandwich', ...PLAIN }),
  // The nets of a coupling flow have no Lipschitz bound, so the option `net` does not apply.
  coupling: flow('coupling flow', { model: 'coupling', ...PLAIN }),
  nsf: rival('nsf', 'neural spline flow, autoregressive (zuko)', ALL),
  maf: rival('maf', 'masked autoregressive flow (zuko)'),
  bnaf: rival('bnaf', 'block neural autoregressive flow (flowjax)', ['density']),
  spline: rival('spline', 'spline flow, coupling (flowjax)', ['density']),
  vine: rival('vine', 'vine copula (pyvinecopulib)', ['density']),
  forest: rival('forest', 'adversarial random forest (arfpy)', ['density']),
  mixture: rival('mixture', 'Gaussian mixture (scikit-learn)', ALL),
  kde: rival('kde', 'kernel density (scikit-learn)'),
  gaussian: rival('gaussian', 'one Gaussian of full covariance'),
  'isolation-forest': rival('isolation-forest', 'isolation forest (scikit-learn)', ['anomalies']),
  lof: rival('lof', 'local outlier factor (scikit-learn)', ['anomalies']),
  knn: rival('knn', 'distance to the fifth neighbor (PyOD)', ['anomalies']),
  truth: {
    title: 'the distribution itself',
    kinds: DENSITIES,
    fits: ({ logDensity }) => logDensity !== undefined,
    measure: truth,
  },
};
