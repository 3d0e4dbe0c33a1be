import type { BlockSpec } from '@impflow/flows';
import { auditOf, summaryOf } from '../measure/audit.ts';
import { loadRun } from '../run/load.ts';
import type { Provenance } from '../run/provenance.ts';
import { withPlugins } from '../run/plugins.ts';
import { startForRun } from '../run/start-for-run.ts';
import { number, table } from '../terminal/table.ts';
import { report, type ComputingOptions } from './context.ts';

/** What a run is: spec, parameters, Lipschitz bounds, provenance. */
export const inspect = async (run: string, options: ComputingOptions): Promise<number> => {
  await startForRun(run, options);
  const { flow, spec, record, checkpoint, paths } = await loadRun(run, await withPlugins(options.plugin));
  const audit = auditOf(flow, spec);
  const parameters = Object.values(flow.parameters).reduce((sum, parameter) => sum + parameter.size, 0);
  const { best } = checkpoint.training ?? {};
  const result = {
    run: paths.folder, spec, columns: record.columns, dequantised: record.dequantised, parameters, steps: checkpoint.step, seed: checkpoint.seed,
    ...(best === undefined ? {} : { best }), layers: audit, options: record.options, provenance: record.provenance,
  };
  report(options, result, () => {
    const { source, created, machine, versions } = (record.provenance ?? {}) as Partial<Provenance>;
    return `${table({ rows: [
      ['columns', record.columns.join(', ')],
      ['blocks', blocksText(spec.blocks)],
      ['base density', spec.base.name],
      ['parameters', number(parameters)],
      ['steps', `${number(checkpoint.step)}${best === undefined ? '' : `, best at ${number(best.step)}`}`],
      ['seed', String(checkpoint.seed)],
      ...(source === undefined ? [] : [['from', source]]),
      ...(created === undefined ? [] : [['trained', `${created} on ${machine}, node ${versions?.['node']}, tfjs ${versions?.['tfjs']}`]]),
      ...(audit.length === 0 ? [] : [['capped layers', `${audit.length}, largest norm / cap ${number(summaryOf(audit).largestRatio, 5)}`]]),
    ] })}${audit.length === 0 ? '' : `\n\n${table({ head: ['layer', 'operator norm', 'cap'], rows: audit.map(({ path, norm, cap }) => [path, norm, cap]), digits: 5 })}`}`;
  });
  return 0;
};

/** Kinds with their counts, in the order of the chain: `standardise, 6 implicit`. */
const blocksText = (blocks: readonly BlockSpec[]): string => {
  const counts = new Map<string, number>();
  for (const { kind } of blocks) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => (count === 1 ? kind : `${count} ${kind}`)).join(', ');
};
