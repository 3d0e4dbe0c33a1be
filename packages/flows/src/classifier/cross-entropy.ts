import { customOp, FlowError } from '@impflow/core';
import {
  add,
  argMax,
  cast,
  div,
  equal,
  exp,
  log,
  max,
  mean,
  mul,
  neg,
  oneHot,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
} from '@tensorflow/tfjs-core';

/**
 * Returns the mean of `-log softmax(logits)[label]` in nats. Maps `[B, classes]` and int32 labels `[B]` to a scalar.
 * Differentiable. The gradient is `(softmax(logits) - onehot(labels)) / B`. The exponentials do not overflow for finite
 * logits of any size.
 *
 * @remarks A label outside `0 .. classes - 1` makes the result infinite, so that training stops.
 * @throws `shape` if the
 * number of labels differs from the number of rows, or the labels are not int32.
 */
export const crossEntropy = (logits: Tensor, labels: Tensor): Tensor => {
  const [rows, classes] = sizes('crossEntropy', logits, labels);
  return customOp([logits], {
    forward: () => {
      const target = cast(oneHot(labels as Tensor1D, classes), 'float32');
      // No exponent is above 0, so exp cannot overflow.
      const shifted = sub(logits, max(logits, 1, true));
      const raised = exp(shifted);
      const total = sum(raised, 1, true);
      // The last term is log 1 = 0 for a valid label, and minus infinity for an invalid label.
      const logOf = add(sub(sum(mul(shifted, target), 1), log(sum(raised, 1))), log(sum(target, 1)));
      return { value: neg(mean(logOf)), saved: { target, probability: div(raised, total) } };
    },
    backward: (dy, { target, probability }) => [mul(sub(probability, target), div(dy, rows))],
  });
};

/**
 * Returns the accuracy: the fraction of rows whose largest logit is at the index of the label. Maps `[B, classes]` and
 * int32 labels `[B]` to a scalar.
 *
 * @throws `shape` if the number of labels differs from the number of rows, or the labels are not int32.
 */
export const accuracy = (logits: Tensor, labels: Tensor): Tensor => {
  sizes('accuracy', logits, labels);
  return mean(cast(equal(argMax(logits, 1), labels), 'float32'));
};

const sizes = (at: string, logits: Tensor, labels: Tensor): readonly [rows: number, classes: number] => {
  const [rows, classes] = logits.shape;
  if (logits.rank === 2 && labels.rank === 1 && labels.dtype === 'int32' && labels.shape[0] === rows)
    return [rows!, classes!];
  throw new FlowError('shape', `flows/${at}`, 'The labels do not fit the logits', {
    expected: 'logits [B, classes] and int32 labels [B]',
    got: `[${logits.shape.join(', ')}] and ${labels.dtype} [${labels.shape.join(', ')}]`,
  });
};
