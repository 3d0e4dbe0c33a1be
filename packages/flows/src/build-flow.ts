import { FlowError, fold, key as seedKey, type Bijector, type Key } from '@impflow/core';
import type { BlockOptions } from './block-options.ts';
import { chain } from './chain.ts';
import { normalizingFlow, type NormalizingFlow } from './normalizing-flow.ts';
import { registries as builtIn, type Registries } from './registries.ts';
import type { FlowSpec } from './spec.ts';

export interface BuildOptions {
  /** Of the initial weights. Default `key(0)`: irrelevant where parameters are loaded afterwards. */
  readonly key?: Key;
  /** Default: what this package brings. */
  readonly registries?: Registries;
}

/**
 * The flow that a spec describes, with fresh parameters under `blocks.<i>.<name>`.
 *
 * @throws `option` for a spec of another version or without blocks; `registry` for a name that no registry knows.
 */
export const buildFlow = (spec: FlowSpec, { key = seedKey(0), registries = builtIn }: BuildOptions = {}): NormalizingFlow => {
  if (!isSpec(spec)) {
    throw new FlowError('option', 'flows/buildFlow', 'Not a flow spec', { expected: '{ version: 1, dim, base, blocks: [...] }', got: String(JSON.stringify(spec)).slice(0, 80) });
  }
  const { dim, context = 0, tolerance, logDet, evaluationLogDet, solver } = spec;
  const options: BlockOptions = {
    ...(solver === undefined ? {} : { solver: registries.solver.create(solver) }),
    ...(tolerance === undefined ? {} : { solve: tolerance }),
    ...(logDet === undefined ? {} : { logDet: registries.logDet.create(logDet) }),
    ...(evaluationLogDet === undefined ? {} : { evaluationLogDet: registries.logDet.create(evaluationLogDet) }),
  };
  const blocks = spec.blocks.map((block, i): readonly [string, Bijector] => {
    const build = { dim, context, key: fold(key, i), options, activation: registries.activation.create };
    return [String(i), registries.block.create({ name: block.kind, options: { ...block, build } })];
  });
  const base = registries.base.create({ name: spec.base.name, options: { dim, key: fold(key, -1), ...spec.base.options } });
  return normalizingFlow(base, chain({ blocks: chain(Object.fromEntries(blocks)) }));
};

/** Specs come out of files: the outline is checked here, names by the registries, options by the factories. */
const isSpec = (spec: Partial<FlowSpec> | null): boolean =>
  typeof spec === 'object' && spec?.version === 1 && Number.isInteger(spec.dim) && spec.dim! > 0 && typeof spec.base?.name === 'string'
  && Array.isArray(spec.blocks) && spec.blocks.length > 0 && spec.blocks.every((block) => typeof block?.kind === 'string');
