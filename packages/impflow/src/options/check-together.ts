import { FlowError, shown } from '@impflow/core';
import type { PlainChoices } from './options.ts';

/** Value of the option `model` for a kind of block that short trainings choose. */
export const AUTO = 'auto';

/**
 * Checks whether the options of a training on a table can be combined.
 *
 * @throws `option` for options that contradict each other.
 */
export const checkTogether = (given: PlainChoices): void => {
  const { model, base } = given;
  checkLength(given);
  if (base?.startsWith('fitted:') === true)
    throw wrong('The base fitted has no options', {
      expected: 'fitted',
      got: base,
      hint: 'The mixture is chosen from the rows.',
    });
  if (model === 'coupling') checkFree(given, 'a coupling flow');
  if (given.steps !== undefined || given.epochs !== undefined) checkKnown(given);
};

/**
 * Checks the kind of block of a training whose length is given in steps.
 *
 * @throws `option` for the model `auto`, because such a training has no time that short trainings could share.
 */
export const checkKnown = ({ model }: Pick<PlainChoices, 'model'>): void => {
  if (model === AUTO)
    throw wrong('The model auto needs a training with a time limit', {
      expected: 'the option seconds',
      got: 'a training whose length is given in steps',
      hint: 'Set the option seconds, or set the option model to implicit, residual or monotone.',
    });
};

/** Options that set the length of a training. */
type Length = Pick<PlainChoices, 'seconds' | 'steps' | 'epochs' | 'warmup'>;

/**
 * Checks the options that set the length of a training.
 *
 * @throws `option` for more than one of `seconds`, `steps` and `epochs`, and for a warm-up that is longer than the
 * training.
 */
export const checkLength = (given: Length): void => {
  const lengths = (['seconds', 'steps', 'epochs'] as const).filter((name) => given[name] !== undefined);
  if (lengths.length > 1)
    throw wrong(`The options ${lengths.join(' and ')} contradict each other`, { hint: 'Set one of them.' });
  if (given.steps !== undefined) checkWarmup(given.steps, given.warmup);
};

/**
 * Checks that the learning-rate warm-up is not longer than the training.
 *
 * @throws `option` for a warm-up that is longer than the training.
 */
export const checkWarmup = (steps: number, warmup = 0): void => {
  if (warmup > steps)
    throw wrong('The warm-up is longer than the training', {
      expected: `the option warmup of at most ${steps}`,
      got: shown(warmup),
      hint: 'Lower the option warmup, or give more steps.',
    });
};

/**
 * Options that only blocks with contractive nets use: options of the nets, of the equation solves, and of the
 * estimators of log-determinants.
 */
const CONTRACTIVE = ['net', 'activation', 'coeff', 'solver', 'adjoint', 'logdet', 'memory'] as const;

/**
 * Checks the options of a model without contractive nets. Such a model has no norm caps and solves no equations, and
 * its log-determinant, if any, has a closed form.
 *
 * @param what The model, such as "a coupling flow".
 * @throws `option` for an option that such a model does not use.
 */
export const checkFree = (given: { readonly [Name in (typeof CONTRACTIVE)[number]]?: unknown }, what: string): void => {
  const idle = CONTRACTIVE.find((name) => given[name] !== undefined);
  if (idle !== undefined)
    throw wrong(`The option ${idle} has no effect in ${what}`, {
      hint: 'Leave this option out, or set the option model to implicit, residual or monotone.',
    });
};

const wrong = (what: string, detail: ConstructorParameters<typeof FlowError>[3]): FlowError =>
  new FlowError('option', 'impflow/fit', what, detail);
