import type { ComponentChildren, JSX } from 'preact';
import type { PluginChoice } from '../config.ts';
import { applies, type OptionField, type PluginField } from '../plugin-fields.ts';
import type { Parsed } from './draft.ts';
import { NumberField, SelectField, TextField } from './field.tsx';

type Options = Readonly<Record<string, unknown>>;

/**
 * Controls to choose a solver or an estimator by name and to set its options. Built-in methods have a field for each
 * option. The options of other plugins are written as JSON.
 */
export const PluginChoiceFields = ({
  label,
  hint,
  choice,
  known,
  names,
  commit,
}: {
  readonly label: string;
  readonly hint: ComponentChildren;
  readonly choice: PluginChoice | undefined;
  readonly known: readonly PluginField[];
  /** All names in the registry of solvers, or in the registry of estimators. */
  readonly names: readonly string[];
  readonly commit: (choice: PluginChoice | undefined) => void;
}): JSX.Element => {
  const others = [...new Set([...names, ...(choice === undefined ? [] : [choice.name])])].filter((name) =>
    known.every((plugin) => plugin.name !== name),
  );
  const plugin = known.find(({ name }) => name === choice?.name);
  const options = choice?.options ?? {};
  const commitOptions = (next: Options): void => {
    if (choice !== undefined)
      commit(Object.keys(next).length === 0 ? { name: choice.name } : { name: choice.name, options: next });
  };
  return (
    <>
      <SelectField
        label={label}
        hint={plugin?.hint ?? hint}
        value={choice?.name ?? ''}
        commit={(name) => commit(name === '' ? undefined : { name })}
        options={[
          { value: '', label: 'The library’s choice' },
          ...known.map(({ name, label: words }) => ({ value: name, label: words })),
          ...(others.length === 0
            ? []
            : [{ group: 'From plugins', options: others.map((name) => ({ value: name, label: name })) }]),
        ]}
      />
      {choice === undefined ? null : (
        <div class="options">
          {plugin === undefined ? (
            <TextField
              label={`Options of ${choice.name}`}
              hint='JSON, such as {"damping": 0.5}.'
              value={choice.options === undefined ? '' : JSON.stringify(options)}
              parse={parseOptions}
              commit={commitOptions}
            />
          ) : (
            plugin.options
              .filter((field) => applies(field, plugin.options, options))
              .map((field) => (
                <OptionControl
                  key={field.name}
                  field={field}
                  value={options[field.name]}
                  commit={(value) => commitOptions(changed(options, plugin.options, field, value))}
                />
              ))
          )}
        </div>
      )}
    </>
  );
};

const OptionControl = ({
  field,
  value,
  commit,
}: {
  readonly field: OptionField;
  readonly value: unknown;
  readonly commit: (value: unknown) => void;
}): JSX.Element => {
  const { label, hint } = field;
  if (field.kind === 'choice') {
    return (
      <SelectField
        label={label}
        hint={hint}
        value={String(value ?? field.standard)}
        options={field.values.map((name) => ({ value: name, label: name }))}
        commit={commit}
      />
    );
  }
  return (
    <NumberField
      label={label}
      hint={hint}
      rule={field}
      value={typeof value === 'number' ? value : field.standard}
      commit={commit}
    />
  );
};

/**
 * Returns the options after one option has changed. The changed option is omitted if it has its default value, and
 * options that no longer apply are omitted too.
 */
const changed = (
  options: Options,
  fields: readonly OptionField[],
  { name, standard }: OptionField,
  value: unknown,
): Options => {
  const { [name]: _before, ...others } = options;
  const next: Options = value === standard ? others : { ...others, [name]: value };
  return Object.fromEntries(
    Object.entries(next).filter(([key]) => fields.every((field) => field.name !== key || applies(field, fields, next))),
  );
};

const parseOptions = (text: string): Parsed<Options> => {
  if (text.trim() === '') return { value: {} };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { value: value as Options };
  } catch {
    /* The text is not JSON. The return statement below returns an error message. */
  }
  return { problem: 'must be a JSON object, such as {"damping": 0.5}' };
};
