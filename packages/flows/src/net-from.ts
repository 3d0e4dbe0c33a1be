import { FlowError, fold, shown, type Contraction } from '@impflow/core';
import { checkedActivation, conditionalMlp, convNet, mlpLayers, sandwich, sequential } from '@impflow/lipschitz';
import type { BuildContext } from './block-kinds.ts';
import type { NetSpec } from './spec.ts';
import { imageShape } from './squeeze.ts';

/** Arguments, in addition to the spec, from which a net is built. */
type NetPlace = Pick<BuildContext, 'shape' | 'context' | 'key' | 'activation'>;

/**
 * Builds the net that a spec describes. Two nets of one block get independent initial weights if their values of
 * `purpose` differ.
 *
 * @throws `option` for wrong fields, or a kind of net that is not available for the shape of the events; `registry` for
 * an unknown activation.
 */
export const netFrom = (
  spec: NetSpec,
  { shape, context, key, activation: create }: NetPlace,
  purpose: number,
): Contraction => {
  if (
    !Array.isArray(spec?.hidden) ||
    !spec.hidden.every((width) => Number.isInteger(width) && width > 0) ||
    typeof spec.activation?.name !== 'string' ||
    typeof spec.coeff !== 'number'
  ) {
    throw new FlowError('option', 'flows/buildFlow', 'Not a net spec', {
      expected: '{ hidden: [width, ...], activation: { name }, coeff }',
      got: String(JSON.stringify(spec)),
    });
  }
  const { kind = 'spectral', hidden, kernels, activation, coeff, preactivation = false } = spec;
  const image = shape.length === 3;
  const dim = shape.at(-1)!;
  const options = { dim, hidden, coeff, key: fold(key, purpose), activation: () => create(activation) };
  if (context > 0 && (preactivation || image)) {
    throw new FlowError(
      'option',
      'flows/buildFlow',
      image ? 'A net on images takes no context' : 'A net with a context cannot begin with an activation',
      { hint: image ? 'Flatten the images first.' : 'Leave preactivation out.' },
    );
  }
  if (kernels !== undefined && !image)
    throw new FlowError('option', 'flows/buildFlow', 'A net with kernels needs images', {
      expected: 'events [height, width, channels]',
      got: `events [${shape.join(', ')}]`,
    });
  if (kind === 'sandwich') {
    if (!image && !preactivation) return sandwich({ ...options, context });
    throw new FlowError('option', 'flows/buildFlow', 'A sandwich net is not possible here', {
      expected: 'events that are rows, and no preactivation',
      got: image ? 'images' : 'preactivation',
      hint: 'Choose the kind spectral for the net.',
    });
  }
  if (kind !== 'spectral')
    throw new FlowError('option', 'flows/buildFlow', 'Unknown kind of net', {
      expected: 'spectral or sandwich',
      got: shown(kind),
    });
  if (image)
    return convNet({
      ...options,
      shape: imageShape('buildFlow', shape),
      preactivation,
      ...(kernels === undefined ? {} : { kernels }),
    });
  if (context > 0) return conditionalMlp({ ...options, context });
  const layers = mlpLayers(options);
  return sequential([dim], preactivation ? [checkedActivation(options.activation()), ...layers] : layers);
};
