import type { ComponentChildren, JSX, TargetedEvent } from 'preact';
import { useId, useState } from 'preact/hooks';
import { parseNumber, type NumberRule } from '../rules.ts';
import { useDraft, type Parsed } from './draft.ts';
import { intoView } from './into-view.ts';

interface FieldWords {
  readonly label: string;
  readonly hint?: ComponentChildren;
}

/** HTML attributes that connect a control with its label, its hint and its error message. */
interface Ties {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean | undefined;
}

/** A control with its label above it, and its error message and its hint below it. */
const Field = ({
  label,
  hint,
  problem,
  children,
}: FieldWords & {
  readonly problem?: string | undefined;
  readonly children: (ties: Ties) => JSX.Element;
}): JSX.Element => {
  const id = useId();
  const described = [problem === undefined ? '' : `${id}-problem`, hint === undefined ? '' : `${id}-hint`]
    .filter(Boolean)
    .join(' ');
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({
        id,
        'aria-describedby': described === '' ? undefined : described,
        'aria-invalid': problem === undefined ? undefined : true,
      })}
      {problem === undefined ? null : (
        <p class="problem" id={`${id}-problem`} role="alert">
          {label} {problem}.
        </p>
      )}
      {hint === undefined ? null : (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
};

interface TextFieldProps<T> extends FieldWords {
  readonly value: string;
  readonly parse: (text: string) => Parsed<T>;
  readonly commit: (value: T) => void;
  readonly inputMode?: 'text' | 'decimal' | 'numeric';
  readonly readOnly?: boolean;
  readonly placeholder?: string;
}

/** A text field that parses its text and passes the parsed value to `commit`. */
export const TextField = <T,>({
  value,
  parse,
  commit,
  inputMode = 'text',
  readOnly = false,
  placeholder,
  ...words
}: TextFieldProps<T>): JSX.Element => {
  const { text, problem, ...events } = useDraft(value, parse, commit);
  return (
    <Field {...words} problem={problem}>
      {(ties) => (
        <input
          type="text"
          {...ties}
          {...events}
          value={text}
          inputMode={inputMode}
          readOnly={readOnly}
          placeholder={placeholder}
          autocomplete="off"
          spellcheck={false}
        />
      )}
    </Field>
  );
};

interface NumberFieldProps extends FieldWords {
  readonly value: number;
  readonly rule: NumberRule;
  readonly commit: (value: number) => void;
}

export const NumberField = ({ value, rule, ...rest }: NumberFieldProps): JSX.Element => (
  <TextField
    {...rest}
    value={String(value)}
    parse={(text) => parseNumber(text, rule)}
    inputMode={rule.kind === 'integer' ? 'numeric' : 'decimal'}
  />
);

interface SliderFieldProps extends NumberFieldProps {
  /** `place` maps a number to a position of the slider, from 0 to 1000. `at` is the inverse map. */
  readonly place: (value: number) => number;
  readonly at: (place: number) => number;
  /**
   * Whether `commit` is called while the slider moves. By default `commit` is called only when the slider is released.
   */
  readonly live?: boolean;
}

/** A number field with a slider. */
export const SliderField = ({
  value,
  rule,
  commit,
  place,
  at,
  live = false,
  ...words
}: SliderFieldProps): JSX.Element => {
  const [moving, setMoving] = useState<number>();
  const shown = moving ?? value;
  const { text, problem, ...events } = useDraft(String(shown), (typed) => parseNumber(typed, rule), commit);
  const moved = (event: TargetedEvent<HTMLInputElement>): number => at(Number(event.currentTarget.value));
  return (
    <Field {...words} problem={problem}>
      {(ties) => (
        <div class="slider">
          <input
            type="range"
            min={0}
            max={1000}
            step={1}
            value={place(shown)}
            aria-label={`${words.label}, slider`}
            aria-valuetext={String(shown)}
            onInput={(event) => {
              if (live) commit(moved(event));
              else setMoving(moved(event));
            }}
            onChange={(event) => {
              setMoving(undefined);
              if (!live) commit(moved(event));
            }}
          />
          <input type="text" {...ties} {...events} value={text} inputMode="decimal" autocomplete="off" />
        </div>
      )}
    </Field>
  );
};

export interface Option {
  readonly value: string;
  readonly label: string;
  readonly disabled?: boolean;
}

interface SelectFieldProps extends FieldWords {
  readonly value: string;
  readonly options: readonly (Option | { readonly group: string; readonly options: readonly Option[] })[];
  readonly commit: (value: string) => void;
}

export const SelectField = ({ value, options, commit, ...words }: SelectFieldProps): JSX.Element => (
  <Field {...words}>
    {(ties) => (
      <select {...ties} value={value} onChange={(event) => commit(event.currentTarget.value)}>
        {options.map((entry) =>
          'group' in entry ? (
            <optgroup key={entry.group} label={entry.group}>
              {entry.options.map(optionOf)}
            </optgroup>
          ) : (
            optionOf(entry)
          ),
        )}
      </select>
    )}
  </Field>
);

const optionOf = ({ value, label, disabled = false }: Option): JSX.Element => (
  <option key={value} value={value} disabled={disabled}>
    {label}
  </option>
);

/** A choice between a few values that are shown side by side. */
export const Segments = <T extends string>({
  label,
  value,
  options,
  commit,
  hidden = false,
}: {
  readonly label: string;
  readonly value: T;
  readonly options: readonly { readonly value: T; readonly label: string; readonly title?: string }[];
  readonly commit: (value: T) => void;
  /** Whether the label is visible only to screen readers, because a picture next to the choice shows its meaning. */
  readonly hidden?: boolean;
}): JSX.Element => {
  const name = useId();
  return (
    <fieldset class="segments">
      <legend class={hidden ? 'visually-hidden' : undefined}>{label}</legend>
      <div class="row" onFocusIn={intoView}>
        {options.map((option) => (
          <label key={option.value} title={option.title}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => commit(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
};

export const Check = ({
  label,
  checked,
  commit,
}: {
  readonly label: string;
  readonly checked: boolean;
  readonly commit: (checked: boolean) => void;
}): JSX.Element => (
  <label class="check">
    <input type="checkbox" checked={checked} onChange={(event) => commit(event.currentTarget.checked)} />
    <span>{label}</span>
  </label>
);
