import { FlowError } from '@impflow/core';
import type { PluginSpec } from '@impflow/flows';
import { between, count, optional, real, record, type Schema } from '../json/schema.ts';

/** Largest number of steps of a solve. */
export const MOST_STEPS = 1_000_000;

const few = optional(count(0, 10_000));
const steps = optional(count(1, MOST_STEPS));

// `restart` is an option of the adjoint solver `gmres`, which a plugin provides.
const SOLVER = { memory: few, restart: few, lineSearch: few, maxSteps: steps };

/**
 * Schemas of the options on which the computing time or the memory of a method depends. The schemas hold for options
 * that a caller gives and for options in a checkpoint. The factory of the method checks all options.
 */
export const METHOD_OPTIONS: Readonly<Record<'solver' | 'adjoint' | 'logDet', Readonly<Record<string, Schema>>>> = {
  solver: SOLVER,
  adjoint: SOLVER,
  // The options `p` and `lambda` are limited, because the expected number of terms of a random series is about 1 / p,
  // or lambda.
  logDet: {
    terms: few,
    exactTerms: few,
    probes: few,
    lambda: optional(between(0, 10_000)),
    p: optional(between(1e-4, 1)),
    maxSteps: steps,
  },
};

/** Schema of the tolerance of solves. */
export const TOLERANCE: Schema = record({ atol: optional(real), rtol: optional(real), maxSteps: steps });

/**
 * Checks the options of a method before it is created. `kind` is the kind of its registry.
 *
 * @throws `option` for a value that a checkpoint may not contain.
 */
export const assertMethodOptions = (kind: string, { name, options = {} }: PluginSpec): void => {
  const fields = Object.hasOwn(METHOD_OPTIONS, kind) ? METHOD_OPTIONS[kind as keyof typeof METHOD_OPTIONS] : {};
  const wrong = record(fields)(options, '');
  if (wrong === undefined) return;
  throw new FlowError('option', 'impflow/fit', `Wrong ${wrong.at} of ${name}`, {
    expected: wrong.expected,
    got: wrong.got,
    hint: 'Change this option of the method.',
  });
};
