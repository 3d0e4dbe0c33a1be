import { FlowError } from '@impflow/core';
import {
  count,
  isRecord,
  isShallow,
  listOf,
  oneOf,
  optional,
  real,
  record,
  text,
  type Mismatch,
  type Schema,
} from '../json/schema.ts';
import { LIMITS } from '../options/limits.ts';
import { METHOD_OPTIONS, TOLERANCE } from '../options/method-limits.ts';

/**
 * Schemas of the spec in a checkpoint. The schemas check the structure of a spec, and every value on which computing
 * time or memory depends. Kinds of blocks, names of methods and relations between values are checked when the model is
 * built.
 */

const named = (options: Readonly<Record<string, Schema>> = {}): Schema =>
  record({ name: text, options: optional(record(options)) });

const SOLVER = named(METHOD_OPTIONS.solver);
const LOG_DET = named(METHOD_OPTIONS.logDet);
// `assertSpecFitsFile` compares the number of parameters that follows from these sizes with the size of the file.
const size = count(1);
const VERSION = count(1, 1);

const matrix = listOf(listOf(real));
const COLUMN_MAP = record({
  map: oneOf('identity', 'log', 'logit', 'asinh'),
  lower: optional(real),
  upper: optional(real),
  center: optional(real),
  scale: optional(real),
});
const NET = record({ hidden: listOf(count(1, LIMITS.width)), activation: named(), coeff: real });
/**
 * Schemas of the fields of blocks, by kind of block. For any other kind, the factory of the block checks the fields.
 */
const FIELDS: Readonly<Record<string, Schema>> = {
  implicit: record({ gx: NET, gz: NET }),
  residual: record({ g: NET }),
  monotone: record({ g: NET }),
  columnMaps: record({ maps: listOf(COLUMN_MAP) }),
  standardize: record({ mean: listOf(real), scale: listOf(real) }),
  whiten: record({ factor: matrix }),
  quantileMap: record({ knots: matrix, levels: listOf(real) }),
  permutation: record({ order: listOf(count()) }),
  regression: record({ weight: matrix, bias: listOf(real), factor: matrix }),
  conditionalAffine: record({ hidden: listOf(count(1, LIMITS.width)) }),
};
const BLOCK: Schema = (value, at) => {
  const wrong = record({ kind: text })(value, at);
  if (wrong !== undefined) return wrong;
  const { kind } = value as { readonly kind: string };
  return Object.hasOwn(FIELDS, kind) ? FIELDS[kind]!(value, at) : undefined;
};

const FLOW = record({
  version: VERSION,
  dim: size,
  shape: optional(listOf(size)),
  context: optional(count(0, LIMITS.width)),
  base: named(),
  tail: optional(record({ weight: real, scale: real })),
  blocks: listOf(BLOCK),
  solver: optional(SOLVER),
  adjoint: optional(named(METHOD_OPTIONS.adjoint)),
  tolerance: optional(TOLERANCE),
  logDet: optional(LOG_DET),
  evaluationLogDet: optional(LOG_DET),
});

const CLASSIFIER = record({
  version: VERSION,
  kind: oneOf('classifier'),
  shape: listOf(size),
  classes: count(1, 2 ** 16),
  block: text,
  coeff: optional(real),
  activation: optional(named()),
  stages: listOf(
    record({ width: count(1, LIMITS.width), hidden: count(1, LIMITS.width), stride: optional(count(1, LIMITS.width)) }),
  ),
  solver: optional(SOLVER),
  tolerance: optional(TOLERANCE),
});

// The function `recordFlow` checks the other fields of the columns, and the tree of the categories.
const RECORDS = record({
  version: VERSION,
  kind: oneOf('records'),
  columns: listOf(record({ kind: oneOf('number', 'category'), name: text })),
  flow: FLOW,
});

/** Schema of the spec of a flow, of a classifier, or of a density of table rows. */
export const SPEC: Schema = (value, at): Mismatch | undefined => schemaOf(value)(value, at);

const schemaOf = (spec: unknown): Schema => {
  if (!isRecord(spec)) return FLOW;
  return spec['kind'] === 'classifier' ? CLASSIFIER : spec['kind'] === 'records' ? RECORDS : FLOW;
};

/**
 * Largest depth to which lists and objects in a spec may be nested. The specs of multiscale image models need far fewer
 * levels.
 */
export const MOST_NESTED: number = 200;

const wrongIn = (spec: unknown): Mismatch | undefined =>
  isShallow(spec, MOST_NESTED)
    ? SPEC(spec, 'spec')
    : { at: 'spec', expected: `at most ${MOST_NESTED} levels`, got: 'more' };

/**
 * Checks a new spec before its model is built.
 *
 * @throws `option` for values that a checkpoint may not contain.
 */
export const assertAllowed = (spec: unknown): void => {
  const wrong = wrongIn(spec);
  if (wrong !== undefined)
    throw new FlowError('option', 'impflow/fit', `Wrong ${wrong.at.replace(/^spec\./, '')}`, {
      expected: wrong.expected,
      got: wrong.got,
      hint: 'Change the options of the plugin.',
    });
};

/**
 * Checks the spec of a checkpoint.
 *
 * @throws `checkpoint` for an invalid spec.
 */
export const assertSpec = (spec: unknown): void => {
  const wrong = wrongIn(spec);
  if (wrong !== undefined)
    throw new FlowError('checkpoint', 'impflow/load', `Wrong ${wrong.at}`, {
      expected: wrong.expected,
      got: wrong.got,
      hint: 'The file is damaged, or does not contain a flow.',
    });
};
