import { FlowError, unknownName } from '@impflow/core';
import { checkFree, checkLength, methodSpec } from 'impflow/run';
import { IMAGE_OPTIONS } from './options.ts';
import { taskOf, type ImageTask, type PlainImageChoices } from './settings.ts';

/** Options that apply to only one of the two tasks: a density or a classifier. */
const ONLY: Readonly<Record<ImageTask, readonly (keyof PlainImageChoices)[]>> = {
  density: [
    'blocks',
    'hidden',
    'adjoint',
    'logdet',
    'base',
    'memory',
    'scales',
    'kernels',
    'factorOut',
    'denseBlocks',
    'denseHidden',
  ],
  classify: ['widths'],
};
const PRESET = { density: 'image', classify: 'classifier' } as const;
const TITLE = { density: 'a density of images', classify: 'a classifier of images' } as const;

/** Names of the built-in models for each task. */
export const MODELS: Readonly<Record<ImageTask, readonly string[]>> = {
  density: ['implicit', 'residual', 'monotone', 'coupling'],
  classify: ['implicit', 'residual', 'vanilla'],
};

/**
 * Checks whether the options of a training on images can be combined.
 *
 * @throws `option` for options that contradict each other, or that the task does not use.
 */
export const checkImagesTogether = (given: PlainImageChoices): void => {
  const task = taskOf(given);
  const { preset, kernels, hidden, model = IMAGE_OPTIONS.model.default } = given;
  checkLength(given);
  if (preset !== undefined && preset !== PRESET[task])
    throw wrong(`The preset ${preset} does not fit ${TITLE[task]}`, { expected: PRESET[task], got: preset });
  const idle = ONLY[task === 'density' ? 'classify' : 'density'].find((name) => given[name] !== undefined);
  if (idle !== undefined)
    throw wrong(`The option ${idle} does not apply to ${TITLE[task]}`, {
      expected: `the option ${idle} with ${TITLE[task === 'density' ? 'classify' : 'density']}`,
      got: TITLE[task],
      hint: 'Leave it out.',
    });
  checkModel(task, model);
  if (kernels !== undefined) checkKernels(kernels, hidden);
  if (model === 'coupling') checkFree(given, 'a coupling flow');
  if (model === 'vanilla') checkFree(given, 'a vanilla net');
};

/** Checks the option `model`. A density may also consist of blocks from a plugin: see `chosenRegistries`. */
const checkModel = (task: ImageTask, model: string): void => {
  const { name, options } = methodSpec('model', model);
  const isOwn = MODELS[task].includes(name);
  if (isOwn && options !== undefined)
    throw wrong(`The model ${name} has no options`, {
      expected: name,
      got: model,
      hint: 'Set options of the nets, such as coeff.',
    });
  if (task === 'classify' && !isOwn) throw unknownName(AT, 'value of the option model', name, MODELS[task]);
};

const checkKernels = (kernels: readonly number[], hidden: readonly number[] = [32, 32]): void => {
  if (kernels.some((side) => side % 2 === 0))
    throw wrong('Wrong sides of filters', {
      expected: 'only odd numbers in the option kernels, such as 3,1,3',
      got: kernels.join(','),
      hint: 'Filters are centered at a pixel.',
    });
  if (kernels.length !== hidden.length + 1)
    throw wrong('Wrong number of filters', {
      expected: `${hidden.length + 1} sides in the option kernels, one for each layer`,
      got: kernels.join(','),
      hint: 'Give one side for each layer.',
    });
};

const AT = 'vision/fit';

const wrong = (what: string, detail: ConstructorParameters<typeof FlowError>[3]): FlowError =>
  new FlowError('option', AT, what, detail);
