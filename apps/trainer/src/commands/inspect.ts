import type { ComputingOptions } from '../backends/backends.ts';
import { summaryOf } from '../measure/operator-norms.ts';
import { parametersOf } from '../model/model.ts';
import { number } from '../terminal/format.ts';
import { table } from '../terminal/table.ts';
import { onRun } from './on-run.ts';

/** Prints the spec, the parameters, the Lipschitz bounds and the provenance of a run. Returns the exit code. */
export const inspect = (run: string, options: ComputingOptions): Promise<number> =>
  onRun(run, options, (commands, { model, record, checkpoint, paths }) => {
    const { json, lines, model: modelLines, bounds, audit } = commands.about();
    const parameters = parametersOf(model.model);
    const { best } = checkpoint.training ?? {};
    return {
      json: {
        run: paths.folder,
        spec: model.spec,
        ...json,
        parameters,
        steps: checkpoint.step,
        seed: checkpoint.seed,
        ...(best === undefined ? {} : { best }),
        layers: audit,
        options: record.options,
        provenance: record.provenance,
      },
      text: () => {
        const { source, created, machine, versions } = record.provenance ?? {};
        const lists = table({
          rows: [
            ...lines,
            ...modelLines,
            ['parameters', number(parameters)],
            ['steps', `${number(checkpoint.step)}${best === undefined ? '' : `, best at ${number(best.step)}`}`],
            ['seed', String(checkpoint.seed)],
            ...(source === undefined ? [] : [['from', source]]),
            ...(created === undefined
              ? []
              : [['trained', `${created} on ${machine}, node ${versions?.['node']}, tfjs ${versions?.['tfjs']}`]]),
            ...bounds,
            ...(audit.length === 0
              ? []
              : [['capped layers', `${audit.length}, largest norm / cap ${number(summaryOf(audit).largestRatio, 5)}`]]),
          ],
        });
        if (audit.length === 0) return lists;
        const layers = table({
          head: ['layer', 'operator norm', 'cap'],
          rows: audit.map(({ path, norm, cap }) => [path, norm, cap]),
          digits: 5,
        });
        return `${lists}\n\n${layers}`;
      },
    };
  });
