import type { JSX } from 'preact';
import { BACKENDS, type BackendName } from '../config.ts';
import { BACKEND_WORDS } from '../labels.ts';
import { RULES } from '../rules.ts';
import type { Controls } from './controls.ts';
import { NumberField, SelectField, SliderField } from './field.tsx';

/**
 * Decimal exponents of the limits of the slider for the learning rate. The input field next to the slider also accepts
 * allowed values outside these limits.
 */
const [LOW, HIGH] = [-5, -1] as const;

export const TrainingPanel = ({ controls: { config, edit } }: { readonly controls: Controls }): JSX.Element => {
  const { seed, batch, steps, learningRate, backend } = config.value;
  return (
    <>
      <SliderField
        label="Learning rate"
        hint="Step size of the optimizer, Adam, at the beginning; it falls to a hundredth until the last step. Takes effect immediately."
        live
        value={learningRate}
        rule={RULES.learningRate}
        commit={(value) => edit(() => ({ learningRate: value }))}
        place={(value) => Math.max(0, Math.min(1000, ((Math.log10(value) - LOW) / (HIGH - LOW)) * 1000))}
        at={(place) => Number((10 ** (LOW + (place / 1000) * (HIGH - LOW))).toPrecision(2))}
      />
      <div class="pair">
        <NumberField
          label="Batch size"
          hint="Points per step. Takes effect immediately."
          value={batch}
          rule={RULES.batch}
          commit={(value) => edit(() => ({ batch: value }))}
        />
        <NumberField
          label="Steps"
          hint="The training ends with its best weights. 0: no end, and the learning rate stays."
          value={steps}
          rule={RULES.steps}
          commit={(value) => edit(() => ({ steps: value }))}
        />
        <NumberField
          label="Seed"
          hint="Same seed, same run."
          value={seed}
          rule={RULES.seed}
          commit={(value) => edit(() => ({ seed: value }))}
        />
      </div>
      <SelectField
        label="Computes on"
        hint={BACKEND_WORDS[backend].hint}
        value={backend}
        commit={(value) => edit(() => ({ backend: value as BackendName }))}
        options={BACKENDS.map((name) => ({ value: name, label: BACKEND_WORDS[name].label }))}
      />
    </>
  );
};
