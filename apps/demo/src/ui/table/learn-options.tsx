import type { JSX } from 'preact';
import type { LearnChoice } from '../../protocol/table.ts';
import { RULES, type NumberRule } from '../../rules.ts';
import { NumberField } from '../field.tsx';

type Options = Omit<LearnChoice, 'columns'>;

const SECONDS: NumberRule = { kind: 'number', least: 2, most: 3600 };
const STEPS: NumberRule = { kind: 'integer', least: 1, most: 1_000_000, also: [0] };

/** How long the model learns, and from which random numbers. */
export const LearnOptions = ({
  value,
  commit,
}: {
  readonly value: Options;
  readonly commit: (value: Options) => void;
}): JSX.Element => (
  <details>
    <summary>{value.steps === 0 ? `How long: ${value.seconds} seconds` : `How long: ${value.steps} steps`}</summary>
    <div class="thirds">
      <NumberField
        label="Seconds"
        value={value.seconds}
        rule={SECONDS}
        commit={(seconds) => commit({ ...value, seconds })}
      />
      <NumberField
        label="Steps"
        hint="0: as many as fit into the seconds. Equal steps and seeds give equal models."
        value={value.steps}
        rule={STEPS}
        commit={(steps) => commit({ ...value, steps })}
      />
      <NumberField label="Seed" value={value.seed} rule={RULES.seed} commit={(seed) => commit({ ...value, seed })} />
    </div>
  </details>
);
