import { scoped, type Contraction, type Cotangents, type NetLinearization } from '@impflow/core';
import { add, mul, sum, variable, type Tensor } from '@tensorflow/tfjs-core';
import { expectAgreement } from './agree.ts';
import { expectGradients, firstOf, values, type Points } from './contraction-measures.ts';

/**
 * Checks that `pullback` returns the gradient of `<w, g(x)> + <w, J t>`, with respect to the input and every parameter,
 * and that this gradient is the sum of the gradients of the two terms.
 */
export const expectPullback = (g: Contraction, { x, t, w }: Points, kinks: boolean): void =>
  scoped(() => {
    const input = variable(x);
    const names = Object.keys(g.parameters);
    const paired = (lin: NetLinearization): Cotangents => ({
      value: firstOf(w),
      pair: { pushed: lin.push(t), cotangents: w },
    });
    const gradients = (of: (lin: NetLinearization) => Cotangents): Readonly<Record<string, Tensor>> => {
      const lin = g.linearize(input);
      const { x: dx, weights } = lin.pullback(of(lin));
      const trained = g.trained(weights);
      lin.dispose();
      return { input: dx, ...Object.fromEntries(names.map((name, i) => [name, trained[i]!])) };
    };
    const loss = (): Tensor => {
      const lin = g.linearize(input);
      const total = add(sum(mul(firstOf(w), lin.value)), sum(mul(w, lin.jvp(t))));
      lin.dispose();
      return total;
    };
    const whole = gradients(paired);
    expectGradients(loss, whole, { input, ...g.parameters }, kinks);
    // Computes the gradients of value and pair separately, and each of them added to the other one.
    const [value, pair] = [gradients(() => ({ value: firstOf(w) })), gradients((lin) => ({ pair: paired(lin).pair }))];
    const onto = gradients((lin) => ({ value: firstOf(w), onto: lin.pullback({ pair: paired(lin).pair }).weights }));
    const pairOnto = gradients((lin) => ({
      pair: paired(lin).pair,
      onto: lin.pullback({ value: firstOf(w) }).weights,
    }));
    for (const name of ['input', ...names]) {
      const scale = Math.max(1, ...values(whole[name]!).map(Math.abs));
      expectAgreement(values(add(value[name]!, pair[name]!)), values(whole[name]!), {
        what: `${name}, the sum of the gradients of value and pair`,
        tolerance: 2e-5 * scale,
      });
      if (name === 'input') continue;
      for (const [added, what] of [
        [onto, 'the gradient of the value added to the gradient of the pair'],
        [pairOnto, 'the gradient of the pair added to the gradient of the value'],
      ] as const)
        expectAgreement(values(added[name]!), values(whole[name]!), {
          what: `${name}, ${what}`,
          tolerance: 2e-5 * scale,
        });
    }
    input.dispose();
  });
