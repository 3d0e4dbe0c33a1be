import { FlowError, fold, key, sizeOf, assertBackend, type Bijector, type Key, type Shape } from '@impflow/core';
import type { BuildContext } from './block-kinds.ts';
import type { BlockOptions } from './block-options.ts';
import { chain } from './chain.ts';
import { netFrom } from './net-from.ts';
import { normalizingFlow, type NormalizingFlow } from './normalizing-flow.ts';
import { builtInRegistries, type Registries } from './registries.ts';
import type { BlockSpec, FlowSpec } from './spec.ts';
import { withTail } from './tail.ts';

/** Options of {@link buildFlow}. */
export interface BuildOptions {
  /**
   * Random key for the initial weights and for the permutation in each `linear` block. The permutation is not a
   * parameter. Default `key(0)`. If parameters are loaded afterwards, the key affects only the permutations.
   */
  readonly key?: Key;
  /**
   * Registries that resolve the names in the spec. Default: {@link builtInRegistries}, the registries of this package.
   */
  readonly registries?: Registries;
  /**
   * Tensors that training keeps until the backward pass: see {@link RootOptions.memory}. The choice changes results
   * only by rounding errors. Default `keep`.
   */
  readonly memory?: 'keep' | 'budget';
}

/**
 * Builds the flow of a spec, with new parameters under `blocks.<i>.<name>` and `base.<name>`.
 *
 * @throws `option` for an object that is not a flow spec, or a net spec with wrong fields; `registry` for a name that
 * is in no registry; `shape` if a block does not accept the output shape of the previous block.
 * @example
 * ```ts
 * import { wasm } from '@impflow/backend-wasm';
 * import { key } from '@impflow/core';
 * import { buildFlow, tabularPreset } from '@impflow/flows';
 *
 * await wasm().start();
 * const solver = { name: 'anderson', options: { memory: 8 } };
 * const spec = tabularPreset({ dim: 4, blocks: 2, hidden: [32], activation: { name: 'lipSwish' }, solver });
 * const flow = buildFlow(spec, { key: key(0) });
 * const x = flow.sample(3, { key: key(1) });
 * console.log(JSON.stringify(spec).length, flow.logProb(x).shape);
 * ```
 */
export const buildFlow = (
  spec: FlowSpec,
  { key: weightKey = key(0), registries = builtInRegistries, memory }: BuildOptions = {},
): NormalizingFlow => {
  assertBackend('flows/buildFlow');
  if (!isSpec(spec)) {
    throw new FlowError('option', 'flows/buildFlow', 'Not a flow spec', {
      expected: '{ version: 1, dim, base, blocks: [...] }, and optionally a shape with dim entries',
      got: String(JSON.stringify(spec)).slice(0, 80),
    });
  }
  const { dim, shape = [dim], context = 0, tolerance, logDet, evaluationLogDet, solver, adjoint } = spec;
  const options: BlockOptions = {
    ...(solver === undefined ? {} : { solver: registries.solver.create(solver) }),
    ...(adjoint === undefined ? {} : { adjoint: registries.adjoint.create(adjoint) }),
    ...(tolerance === undefined ? {} : { tolerance }),
    ...(logDet === undefined ? {} : { logDet: registries.logDet.create(logDet) }),
    ...(evaluationLogDet === undefined ? {} : { evaluationLogDet: registries.logDet.create(evaluationLogDet) }),
    ...(memory === undefined ? {} : { memory }),
  };
  /** Builds each block for the output shape of the previous block. */
  const chained = (blocks: readonly BlockSpec[], from: Shape, key: Key): Bijector => {
    const made: Record<string, Bijector> = {};
    let shape = from;
    for (const [i, block] of blocks.entries()) {
      const place = { shape, context, key: fold(key, i), activation: registries.activation.create };
      const build: BuildContext = {
        ...place,
        options,
        net: (spec, purpose) => netFrom(spec, place, purpose),
        chain: (inner, at) => chained(inner, at, fold(fold(key, i), 1)),
      };
      const bijector = registries.block.create({ name: block.kind, options: { ...block, build } });
      if (bijector.shape.join() !== shape.join()) {
        throw new FlowError('shape', 'flows/buildFlow', `Block ${i}, of kind ${block.kind}, has a different shape`, {
          expected: `[B, ${shape.join(', ')}]`,
          got: `[B, ${bijector.shape.join(', ')}]`,
        });
      }
      made[String(i)] = bijector;
      shape = bijector.outputShape;
    }
    return chain(made);
  };
  const base = registries.base.create({
    name: spec.base.name,
    options: { dim, key: fold(weightKey, -1), ...spec.base.options },
  });
  const whole = spec.tail === undefined ? base : withTail(base, spec.tail);
  return normalizingFlow(whole, chain({ blocks: chained(spec.blocks, shape, weightKey) }));
};

/**
 * Returns whether a value has the fields of a flow spec. The value may come from a file, so its type is not known.
 * Registries check the names later, and factories check the options.
 */
const isSpec = (spec: Partial<FlowSpec> | null): boolean =>
  typeof spec === 'object' &&
  spec?.version === 1 &&
  Number.isInteger(spec.dim) &&
  spec.dim! > 0 &&
  isShape(spec.shape, spec.dim!) &&
  typeof spec.base?.name === 'string' &&
  areBlocks(spec.blocks);

const areBlocks = (blocks: unknown): boolean =>
  Array.isArray(blocks) &&
  blocks.length > 0 &&
  blocks.every(
    (block: Partial<BlockSpec> | null) =>
      typeof block?.kind === 'string' && (block.kind !== 'factorOut' || areBlocks(block.blocks)),
  );

const isShape = (shape: unknown, dim: number): boolean =>
  shape === undefined ||
  (Array.isArray(shape) && shape.every((n) => Number.isInteger(n) && n > 0) && sizeOf(shape as Shape) === dim);
