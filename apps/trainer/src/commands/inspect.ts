import type { BlockSpec } from '@impflow/flows';
import { viewOf } from '../kinds/kinds.ts';
import { auditOf, auditOfClassifier, summaryOf, constructedLines } from '../measure/audit.ts';
import { loadRun } from '../run/load.ts';
import { parametersOf, type RunModel } from '../run/model.ts';
import { withPlugins } from '../run/plugins.ts';
import type { Provenance } from '../run/provenance.ts';
import { startForRun } from '../run/start-for-run.ts';
import { number, table } from '../terminal/table.ts';
import { report, type ComputingOptions } from './context.ts';

/** Prints the spec, the parameters, the Lipschitz bounds and the provenance of a run. Returns the exit code. */
export const inspect = async (run: string, options: ComputingOptions): Promise<number> => {
  const names = await withPlugins(options.plugin, options);
  await startForRun(run, options, names);
  const loaded = await loadRun(run, names);
  const { learned, record, checkpoint, paths } = loaded;
  const { json, lines } = viewOf(loaded).about();
  const audit =
    learned.kind === 'flow' ? auditOf(learned.flow, learned.spec) : auditOfClassifier(learned.classifier, learned.spec);
  const parameters = parametersOf(learned.model);
  const { best } = checkpoint.training ?? {};
  const result = {
    run: paths.folder,
    spec: learned.spec,
    ...json,
    parameters,
    steps: checkpoint.step,
    seed: checkpoint.seed,
    ...(best === undefined ? {} : { best }),
    layers: audit,
    options: record.options,
    provenance: record.provenance,
  };
  report(options, result, () => {
    const { source, created, machine, versions } = (record.provenance ?? {}) as Partial<Provenance>;
    return `${table({
      rows: [
        ...lines,
        ...modelLines(learned),
        ['parameters', number(parameters)],
        ['steps', `${number(checkpoint.step)}${best === undefined ? '' : `, best at ${number(best.step)}`}`],
        ['seed', String(checkpoint.seed)],
        ...(source === undefined ? [] : [['from', source]]),
        ...(created === undefined
          ? []
          : [['trained', `${created} on ${machine}, node ${versions?.['node']}, tfjs ${versions?.['tfjs']}`]]),
        ...(learned.kind === 'flow' ? constructedLines(learned.spec) : []),
        ...(audit.length === 0
          ? []
          : [['capped layers', `${audit.length}, largest norm / cap ${number(summaryOf(audit).largestRatio, 5)}`]]),
      ],
    })}${audit.length === 0 ? '' : `\n\n${table({ head: ['layer', 'operator norm', 'cap'], rows: audit.map(({ path, norm, cap }) => [path, norm, cap]), digits: 5 })}`}`;
  });
  return 0;
};

const modelLines = (learned: RunModel): readonly (readonly string[])[] =>
  learned.kind === 'flow'
    ? [
        ['blocks', blocksText(learned.spec.blocks)],
        ['base density', learned.spec.base.name],
      ]
    : [
        [
          'blocks',
          `${learned.spec.stages.length} ${learned.spec.block}, of ${learned.spec.stages.map(({ width }) => width).join(', ')} channels`,
        ],
      ];

/** Kinds of blocks with their counts, in the order of the chain, such as `standardise, 6 implicit`. */
const blocksText = (blocks: readonly BlockSpec[]): string => {
  const counts = new Map<string, number>();
  for (const { kind } of unfolded(blocks)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => (count === 1 ? kind : `${count} ${kind}`)).join(', ');
};

/** All blocks. The inner blocks of a `factorOut` follow it. */
const unfolded = (blocks: readonly BlockSpec[]): readonly BlockSpec[] =>
  blocks.flatMap((block) => (block.kind === 'factorOut' ? [block, ...unfolded(block.blocks)] : [block]));
