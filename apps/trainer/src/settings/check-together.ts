import { FlowError } from '@impflow/core';
import { checkUntil, checkWarmup, flag, type TrainOptions } from './settings.ts';

/** @throws `option` for options that contradict each other. Nothing has been read or started before. */
export const checkTogether = (given: TrainOptions): void => {
  const {
    data,
    steps,
    epochs,
    seconds,
    until,
    resume = false,
    force = false,
    out,
    model,
    warmup = 0,
    hidden,
    kernels,
  } = given;
  if (steps !== undefined && epochs !== undefined)
    throw wrong('Both --steps and --epochs are given', { hint: 'Give one of them.' });
  if (seconds !== undefined && (steps ?? epochs) !== undefined)
    throw wrong(`Both --seconds and ${steps === undefined ? '--epochs' : '--steps'} are given`, {
      hint: 'Give one of them.',
    });
  if (resume && force) throw wrong('--resume continues a run, --force replaces it', { hint: 'Give one of them.' });
  if (resume && out === undefined)
    throw wrong('--resume does not say which run', { hint: 'Name its folder with --out.' });
  if (!resume && data === undefined)
    throw wrong('Nothing to train on', {
      expected: '--data with a file or a bundled name',
      got: 'none',
      hint: 'See: impflow data list.',
    });
  if (steps !== undefined) checkWarmup(warmup, steps);
  if (steps !== undefined || seconds !== undefined) checkUntil(until, steps);
  if (kernels !== undefined && kernels.some((side) => side % 2 === 0))
    throw wrong('Wrong sides of filters', {
      expected: '--kernels of odd numbers, such as 3,1,3',
      got: kernels.join(','),
      hint: 'Filters are centered at a pixel.',
    });
  const layers = (hidden?.length ?? 2) + 1;
  if (kernels !== undefined && kernels.length !== layers)
    throw wrong('Wrong number of filters', {
      expected: `--kernels with ${layers} sides, one more than --hidden has widths`,
      got: kernels.join(','),
      hint: 'Give one for each layer.',
    });
  if (model !== 'coupling' && model !== 'vanilla') return;
  // Their nets have no cap and no solve, and their log-determinant, if any, has a closed form.
  const idle = (['net', 'activation', 'coeff', 'solver', 'adjoint', 'logdet', 'memory'] as const).find(
    (name) => given[name] !== undefined,
  );
  if (idle !== undefined)
    throw wrong(`${flag(idle)} has no use in a ${model} ${model === 'coupling' ? 'flow' : 'net'}`, {
      hint: 'Leave it out, or choose --model implicit or residual.',
    });
};

const wrong = (what: string, detail: ConstructorParameters<typeof FlowError>[3]): FlowError =>
  new FlowError('option', 'cli', what, detail);
