import { number, summaryOf } from 'impflow/run';
import type { ComputingOptions } from '../adapters/backends.ts';
import { table } from '../terminal/table.ts';
import { onRun } from './on-run.ts';

/** Prints the spec, the parameters, the Lipschitz bounds and the provenance of a run. Returns the exit code. */
export const inspect = (run: string, options: ComputingOptions): Promise<number> =>
  onRun(run, options, (commands, { contents, checkpoint, paths }) => {
    const { json, lines, model, bounds, audit, parameters } = commands.about();
    const { best } = checkpoint.training ?? {};
    const { provenance, report } = contents;
    return {
      json: {
        run: paths.folder,
        spec: checkpoint.spec,
        ...json,
        parameters,
        steps: checkpoint.step,
        seed: checkpoint.seed,
        ...(best === undefined ? {} : { best }),
        layers: audit,
        options: contents.options,
        provenance,
      },
      text: () => {
        const { source, created, machine, versions } = provenance ?? {};
        const lists = table({
          rows: [
            ...lines,
            ...model,
            ['parameters', number(parameters)],
            ['steps', `${number(checkpoint.step)}${best === undefined ? '' : `, best at ${number(best.step)}`}`],
            ['seed', String(checkpoint.seed)],
            ...(source === undefined ? [] : [['from', source]]),
            ...(created === undefined
              ? []
              : [['trained', `${created} on ${machine}, node ${versions?.['node']}, tfjs ${versions?.['tfjs']}`]]),
            ...(report === undefined ? [] : [['backend', report.backend]]),
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
