import type { JSX } from 'preact';
import { KINDS, NETS, PAIRED, RACES, SMALL_PRESET, TOY_PRESET, type ModelChoice, type NetKind } from '../config.ts';
import { ACTIVATIONS, fits, KIND_WORDS, NET_WORDS } from '../labels.ts';
import { LOG_DETS, SOLVERS } from '../plugin-fields.ts';
import type { Slot } from '../protocol/viewer.ts';
import { parseWidths, RULES } from '../rules.ts';
import { equalized, parameterCount } from '../state/parameters.ts';
import { editModel, type Controls } from './controls.ts';
import { Check, NumberField, Segments, SelectField, SliderField, TextField } from './field.tsx';
import { KindHint } from './kind-hint.tsx';
import { PluginChoiceFields } from './plugin-choice.tsx';
import { RACE_WORDS } from './race.ts';
import { grouped } from './words.ts';

/** Panel with the settings of one model, or of two models side by side. */
export const ModelPanel = ({ controls }: { readonly controls: Controls }): JSX.Element => {
  const {
    models: [first, second],
    equalParameters,
    race,
  } = controls.config.value;
  const compare = (on: boolean): void =>
    controls.edit(({ models: [one], equalParameters: equal }) => {
      if (one === undefined || !on) return { models: [one ?? SMALL_PRESET] };
      const other: ModelChoice = { ...one, kind: one.kind === 'residual' ? 'implicit' : 'residual' };
      return { models: equal ? equalized([one, other]) : [one, other] };
    });
  return (
    <>
      {first === undefined ? null : (
        <ModelFields controls={controls} slot={0} model={first} title={second === undefined ? undefined : 'Model A'} />
      )}
      <Check label="Compare with a second model" checked={second !== undefined} commit={compare} />
      {second === undefined || first === undefined ? null : (
        <>
          <Check
            label="Equal parameters"
            checked={equalParameters}
            commit={(on) =>
              controls.edit(({ models }) => ({ equalParameters: on, models: on ? equalized(models) : models }))
            }
          />
          <p class="hint">
            A has {grouped(parameterCount(first))} parameters, B {grouped(parameterCount(second))}.
            {equalParameters ? ' B follows A: it has as many blocks, and the widths that come closest.' : ''}
          </p>
          <Segments
            label="Race"
            value={race}
            options={RACES.map((name) => ({
              value: name,
              label: RACE_WORDS[name].label,
              title: RACE_WORDS[name].hint,
            }))}
            commit={(name) => controls.edit(() => ({ race: name }))}
          />
          <p class="hint">{RACE_WORDS[race].hint}</p>
          <ModelFields controls={controls} slot={1} model={second} title="Model B" />
        </>
      )}
    </>
  );
};

const ModelFields = ({
  controls,
  slot,
  model,
  title,
}: {
  readonly controls: Controls;
  readonly slot: Slot;
  readonly model: ModelChoice;
  readonly title: string | undefined;
}): JSX.Element => {
  const { names } = controls.session;
  const change = (part: Partial<ModelChoice>): void => editModel(controls, slot, (before) => ({ ...before, ...part }));
  const follows = slot === 1 && controls.config.value.equalParameters;
  const contractive = model.kind !== 'coupling';
  const expert = controls.session.view.value.level === 'expert';
  const { net = 'spectral' } = model;
  const activations = [...new Set([...Object.keys(ACTIVATIONS), ...names.value.activation, model.activation])].filter(
    (name) => fits(name, net),
  );
  return (
    <fieldset class="model" data-slot={slot}>
      <legend class={title === undefined ? 'visually-hidden' : undefined}>{title ?? 'Model'}</legend>
      <Segments
        label="Kind"
        value={model.kind}
        options={KINDS.map((kind) => ({ value: kind, label: KIND_WORDS[kind].label }))}
        commit={(kind) => change({ kind })}
      />
      <p class="hint">
        <KindHint kind={model.kind} />
      </p>
      <div class="pair">
        <NumberField
          label="Blocks"
          value={model.blocks}
          rule={RULES.blocks}
          commit={(blocks) => change({ blocks })}
          hint={PAIRED.includes(model.kind) ? 'Each is a pair of blocks, with two nets.' : 'One after the other.'}
        />
        <TextField
          label="Hidden widths"
          value={model.hidden.join(', ')}
          parse={(text) => parseWidths(text, model.activation)}
          commit={(hidden) => change({ hidden })}
          readOnly={follows}
          hint={follows ? 'Set by “Equal parameters”.' : 'Neurons in each layer of a net.'}
        />
      </div>
      {contractive && expert ? (
        <>
          <Segments
            label="Nets"
            value={net}
            options={NETS.map((kind) => ({ value: kind, label: NET_WORDS[kind].label }))}
            commit={(kind) => editModel(controls, slot, ({ net: _net, ...rest }) => withNet(rest, kind))}
          />
          <p class="hint">{NET_WORDS[net].hint}</p>
          <SelectField
            label="Activation"
            hint={ACTIVATIONS[model.activation] ?? 'From a plugin.'}
            value={model.activation}
            commit={(activation) => change(withActivation(model, activation))}
            options={activations.map((name) => ({ value: name, label: name }))}
          />
          <SliderField
            label="Lipschitz coefficient"
            hint={NET_WORDS[net].coeff}
            value={model.coeff}
            rule={RULES.coeff}
            commit={(coeff) => change({ coeff })}
            place={(value) => ((value - RULES.coeff.least) / (RULES.coeff.most - RULES.coeff.least)) * 1000}
            at={(place) =>
              Number((RULES.coeff.least + (place / 1000) * (RULES.coeff.most - RULES.coeff.least)).toFixed(2))
            }
          />
          <PluginChoiceFields
            label="Solver"
            choice={model.solver}
            known={SOLVERS}
            names={names.value.solver}
            commit={(solver) =>
              editModel(controls, slot, ({ solver: _solver, ...rest }) =>
                solver === undefined ? rest : { ...rest, solver },
              )
            }
            hint={
              model.kind === 'residual'
                ? 'Finds the way back from the base, for samples.'
                : `Finds ${model.kind === 'monotone' ? 'w' : 'z'}. In the plane the library takes quasi-Newton.`
            }
          />
          <PluginChoiceFields
            label="Log-determinant"
            choice={model.logDet}
            known={LOG_DETS}
            names={names.value.logDet}
            commit={(logDet) =>
              editModel(controls, slot, ({ logDet: _logDet, ...rest }) =>
                logDet === undefined ? rest : { ...rest, logDet },
              )
            }
            hint="How a block’s change of area is computed in training. In the plane the library takes the exact one."
          />
        </>
      ) : null}
      <ParameterCount controls={controls} slot={slot} model={model} />
      <div class="row">
        <span class="hint">Preset:</span>
        <button
          type="button"
          class="small"
          onClick={() => editModel(controls, slot, ({ kind }) => ({ ...SMALL_PRESET, kind }))}
          title="4 blocks of 64, 64: quick enough to watch"
        >
          Small
        </button>
        <button
          type="button"
          class="small"
          onClick={() => editModel(controls, slot, ({ kind }) => ({ ...TOY_PRESET, kind }))}
          title="6 blocks of 128, 128: the paper’s model for such pictures"
        >
          Paper
        </button>
      </div>
    </fieldset>
  );
};

/**
 * Returns the settings of a model after a change of its kind of net to `net`. An activation that a sandwich net cannot
 * use is replaced by `snake`. For spectral nets, `snake` is replaced by the default activation. Any other activation is
 * kept.
 */
const withNet = (model: ModelChoice, net: NetKind): ModelChoice => {
  const activation =
    net === 'sandwich'
      ? fits(model.activation, net)
        ? model.activation
        : 'snake'
      : model.activation === 'snake'
        ? SMALL_PRESET.activation
        : model.activation;
  return { ...model, activation, ...(net === 'spectral' ? {} : { net }) };
};

/**
 * The activation `maxMin` sorts pairs of adjacent units and needs even widths. Odd widths are increased by one, and the
 * field shows the new widths.
 */
const withActivation = ({ hidden }: ModelChoice, activation: string): Partial<ModelChoice> =>
  activation === 'maxMin' ? { activation, hidden: hidden.map((width) => width + (width % 2)) } : { activation };

const ParameterCount = ({
  controls: { session },
  slot,
  model,
}: {
  readonly controls: Controls;
  readonly slot: Slot;
  readonly model: ModelChoice;
}): JSX.Element => {
  const run = session.runs.value[slot];
  const built =
    run !== undefined && run.status.value !== 'loading' && session.config.value.models[slot] === model
      ? run.parameters.value
      : 0;
  const counted = parameterCount(model);
  // If the model has been built, the page shows the number of parameters of the built model. The settings may not
  // describe all blocks of a model from a file.
  return (
    <p class="count">
      <strong>{grouped(built > 0 ? built : counted)}</strong> numbers to learn (parameters)
    </p>
  );
};
