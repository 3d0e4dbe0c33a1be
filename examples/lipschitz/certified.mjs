// A classifier of handwritten digits with a radius within which no change of the image changes the predicted class:
// node examples/lipschitz/certified.mjs
import { fold, key, drawNormal, drawPermutation, vjpByTape, sampleNorm, valueAndGradients } from '@impflow/core';
import { auditNorms, dense, maxMin, sequential } from '@impflow/lipschitz';
import { adam, cosine } from '@impflow/training';
import {
  add,
  div,
  gather,
  logSumExp,
  max,
  maximum,
  mean,
  minimum,
  mul,
  oneHot,
  ones,
  reshape,
  sub,
  sum,
  tensor1d,
  tensor2d,
  tidy,
  topk,
  unstack,
} from '@tensorflow/tfjs-core';
import { digits } from './digits.mjs';
import { main } from './main.mjs';

const PIXELS = 784,
  CLASSES = 10,
  COEFF = 0.99;

/** Returns a net `[B, 784] -> [B, 10]` with capped dense layers. */
export const classifier = ({ hidden = [128, 64], seed = 1 } = {}) => {
  const widths = [PIXELS, ...hidden, CLASSES];
  return sequential(
    [PIXELS],
    widths
      .slice(1)
      .flatMap((outputs, i) => [
        dense({ inputs: widths[i], outputs, coeff: COEFF, key: fold(key(seed), i) }),
        ...(i < hidden.length ? [maxMin()] : []),
      ]),
  );
};

/**
 * Returns the Lipschitz bound of the net: the product of the layers' norms in float64. The norms are not computed by
 * the method that computes the caps.
 */
export const boundOf = (net) => auditNorms(net, { coeff: COEFF }).reduce((product, { norm }) => product * norm, 1);

export const labelsOf = ({ labels }) => tensor1d(Int32Array.from(labels), 'int32');
export const imagesOf = ({ images, labels }) => tensor2d(images, [labels.length, PIXELS]);

/**
 * Cross-entropy of the logits times `sharpness`. The larger `sharpness`, the less the loss falls when a margin grows.
 */
const loss = (net, x, labels, sharpness) => {
  const logits = mul(net.apply(x), sharpness);
  return mean(sub(logSumExp(logits, 1), sum(mul(logits, oneHot(labels, CLASSES)), 1)));
};

/** Trains a classifier. The caps hold after every step. */
export const trained = ({ images, labels }, { epochs = 6, batch = 100, rate = 5e-3, sharpness = 3, onEpoch } = {}) => {
  const net = classifier();
  const optimizer = adam();
  const rows = labels.length,
    perEpoch = Math.floor(rows / batch),
    schedule = cosine({ steps: epochs * perEpoch });
  const [x, y] = [imagesOf({ images, labels }), labelsOf({ labels })];
  let state = optimizer.init(net.parameters);
  for (let step = 0; step < epochs * perEpoch; step++) {
    const at = (step % perEpoch) * batch;
    const picked = Int32Array.from(
      drawPermutation(fold(key(5), Math.floor(step / perEpoch)), rows).subarray(at, at + batch),
    );
    const { value, gradients } = valueAndGradients(
      () => loss(net, gather(x, tensor1d(picked, 'int32')), gather(y, tensor1d(picked, 'int32')), sharpness),
      net.parameters,
    );
    state = optimizer.update(gradients, state, net.parameters, rate * schedule(step));
    net.refresh({ iterations: 2 });
    if ((step + 1) % perEpoch === 0) onEpoch?.((step + 1) / perEpoch, value.dataSync()[0]);
    for (const owned of [value, ...Object.values(gradients)]) owned.dispose();
  }
  net.refresh({ tolerance: 1e-5 });
  for (const owned of [x, y, ...Object.values(state.slots)]) owned.dispose();
  return net;
};

/**
 * Returns the predicted classes, and for each image the radius within which all images get the same class. The
 * difference of two logits changes by at most `sqrt(2) L |change|`, so the radius is the margin divided by `sqrt(2) L`.
 * The radius is 0 if the predicted class is wrong.
 */
export const certify = (net, x, labels, bound = boundOf(net)) =>
  tidy(() => {
    const logits = net.apply(x);
    const { values, indices } = topk(logits, 2);
    const answers = Int32Array.from(unstack(indices, 1)[0].dataSync());
    const margins = unstack(values, 1).map((column) => column.dataSync());
    const kinds = labels.dataSync();
    return {
      answers,
      radii: Float64Array.from(answers, (answer, i) =>
        answer === kinds[i] ? (margins[0][i] - margins[1][i]) / (Math.SQRT2 * bound) : 0,
      ),
    };
  });

/**
 * Attacks by projected gradient ascent (Madry et al., 2018) within `radii [B]` of the images. The attack maximizes the
 * largest wrong logit minus the right logit. Returns for each image whether the predicted class changed, `[B]`.
 */
export const attack = (net, x, labels, radii, { steps = 20, starts = 2 } = {}) =>
  tidy(() => {
    const right = oneHot(labels, CLASSES);
    const lead = (images) => {
      const logits = net.apply(images);
      return sub(max(sub(logits, mul(right, 1e3)), 1), sum(mul(logits, right), 1));
    };
    const radius = reshape(tensor1d(Float32Array.from(radii)), [-1, 1]);
    const unit = (change) => div(change, maximum(reshape(sampleNorm(change), [-1, 1]), 1e-12));
    const changed = new Uint8Array(labels.size);
    for (let start = 0; start < starts; start++) {
      let change = mul(unit(drawNormal(fold(key(7), start), x.shape)), mul(radius, start / starts));
      for (let step = 0; step <= steps; step++) {
        const {
          value,
          gradients: [slope],
        } = vjpByTape(() => lead(add(x, change)), [change], ones([labels.size]));
        value.dataSync().forEach((ahead, i) => {
          if (ahead > 0) changed[i] = 1;
        });
        const next = add(change, mul(unit(slope), mul(radius, 0.25)));
        const length = maximum(reshape(sampleNorm(next), [-1, 1]), 1e-12);
        change = mul(next, minimum(1, div(radius, length)));
      }
    }
    return changed;
  });

/** Runs the whole program and prints line by line. */
export const program = (print) => {
  const data = digits({ train: 500, test: 30 });
  const net = trained(data.train, { onEpoch: (epoch, loss) => print(`epoch ${epoch}: loss ${loss.toFixed(3)}`) });
  const [x, labels] = [imagesOf(data.test), labelsOf(data.test)];
  const bound = boundOf(net);
  const { radii } = certify(net, x, labels, bound);
  print(`Lipschitz bound ${bound.toFixed(5)}; ${data.test.labels.length} digits to test`);
  for (const radius of [0, 0.5, 1, 1.5]) {
    const certified = radii.filter((one) => one > radius).length / radii.length;
    const changed = attack(
      net,
      x,
      labels,
      radii.map(() => radius),
    );
    const stood = radii.filter((one, i) => one > 0 && changed[i] === 0).length / radii.length;
    print(
      `radius ${radius}: ${(100 * certified).toFixed(1)} % certified, ${(100 * stood).toFixed(1)} % stood the attack`,
    );
  }
  for (const share of [0.999, 1.25, 1.5]) {
    const changed = attack(
      net,
      x,
      labels,
      radii.map((radius) => share * radius),
    );
    const right = radii.filter((radius) => radius > 0).length;
    print(
      `${share} of each image's own radius: ${radii.filter((radius, i) => radius > 0 && changed[i] === 1).length} of ${right} answers changed`,
    );
  }
};

await main(import.meta, program);
