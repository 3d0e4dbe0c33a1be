import { number, probabilityOf } from 'impflow/run';
import type { Answer, ProbabilityOptions } from '../kinds/answer.ts';
import { note } from '../terminal/output.ts';
import { table } from '../terminal/table.ts';
import type { LoadedTable } from './loaded-table.ts';

/**
 * Estimates the probability that a row fulfils an event.
 *
 * @throws the errors of `probability` of a model.
 */
export const tableProbability = async (
  { rows: trained }: LoadedTable,
  event: string,
  options: ProbabilityOptions,
): Promise<Answer> => {
  const { given, draws, seed } = options;
  const found = probabilityOf(trained, event, { draws, seed, ...(given === undefined ? {} : { given }) });
  const { probability, standardError, low, high, effective, failed, reliable } = found;
  if (!reliable)
    note(
      options,
      `The standard error is not reliable: the draws count as only ${number(effective, 3)} independent hits. A larger --draws helps.`,
    );
  if (failed > 0) note(options, `Draws whose solve failed: ${number(failed)}. They count as misses.`);
  return {
    // JSON has no infinity.
    json: {
      event,
      ...(given === undefined ? {} : { given }),
      ...found,
      effective: Number.isFinite(effective) ? effective : null,
    },
    text: () =>
      table({
        rows: [
          ['event', event],
          ...(given === undefined ? [] : [['given', given]]),
          ['probability', number(probability)],
          ...(found.draws === 0
            ? [['', 'exact']]
            : [
                ['standard error', number(standardError, 2)],
                ['interval of 95 %', `${number(low, 3)} to ${number(high, 3)}`],
                ['rows drawn', number(found.draws)],
              ]),
        ],
      }),
  };
};
