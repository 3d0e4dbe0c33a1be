import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { ColumnPreview, TableChoice, TablePreview } from '../protocol/data.ts';
import type { LearnChoice } from '../protocol/table.ts';
import { wording } from '../state/wording.ts';
import { SelectField } from './field.tsx';
import { ColumnOverview, isAxis } from './table/column-overview.tsx';
import { LearnOptions } from './table/learn-options.tsx';
import { grouped, plural } from './words.ts';

/**
 * Value of the entry "one color" in the select box for the column that colors the points.
 */
const ONE_COLOR = '';

/** What the page does with a table: the columns of its picture, and the choices for learning the whole table. */
export interface LearnRequest extends LearnChoice {
  readonly pair: readonly [across: string, up: string];
}

/**
 * Shows the columns of a table. The visitor chooses the columns that a model of the whole table learns, and two columns
 * to look at. The model on the page can also learn these two columns alone.
 */
export const TableColumns = ({
  preview: { rows, columns, reading },
  learn,
  use,
  done,
  failed,
}: {
  readonly preview: TablePreview;
  /** Learns the whole table. */
  readonly learn: (request: LearnRequest) => void;
  /** Makes two columns the data of the page. */
  readonly use: (choice: TableChoice) => Promise<void>;
  readonly done: () => void;
  readonly failed: (problem: string | undefined) => void;
}): JSX.Element => {
  const [learned, setLearned] = useState<ReadonlySet<string>>(
    () => new Set(columns.filter((column) => column.learn.chosen).map(({ name }) => name)),
  );
  const first = firstPair(columns);
  const [across, setAcross] = useState(first[0]);
  const [up, setUp] = useState(first[1]);
  const [color, setColor] = useState(ONE_COLOR);
  const [options, setOptions] = useState({ seconds: 20, steps: 0, seed: 0 });
  const [busy, setBusy] = useState(false);
  const why = useId();
  const axes = columns.filter(({ name }) => name === across || name === up);
  const gaps = new Set(axes.flatMap((column) => Array.from(column.gaps))).size;
  const problems = problemsOf(columns, learned, axes);
  const take = async (): Promise<void> => {
    setBusy(true);
    failed(undefined);
    try {
      await use({ columns: [across!, up!], ...(color === ONE_COLOR ? {} : { color }) });
      done();
    } catch (error) {
      failed(wording(error));
    } finally {
      setBusy(false);
    }
  };
  const chosen = (set: (name: string) => void) => (name: string) => {
    set(name);
    // A column to look at is learned too, if it can be learned.
    if (columns.some((column) => column.name === name && column.learn.as !== undefined))
      setLearned(new Set([...learned, name]));
  };
  const uses = (name: string): string =>
    [
      ...(name === across ? ['to the right'] : []),
      ...(name === up ? ['upwards'] : []),
      ...(name === color ? ['color'] : []),
    ].join(', ');
  const tick = (name: string, isLearned: boolean): void => {
    const next = new Set(learned);
    if (isLearned) next.add(name);
    else next.delete(name);
    setLearned(next);
  };
  return (
    <>
      <p>
        {plural(rows, 'row')}, {plural(columns.length, 'column')}. A model learns the ticked columns together, with
        their texts and empty cells. You look at two of them.
      </p>
      <p class="hint">{reading}</p>
      <ColumnOverview columns={columns} uses={uses} learned={learned} tick={tick} />
      <div class="pair">
        <SelectField
          label="To the right"
          value={across ?? ''}
          options={axisOptions(columns)}
          commit={chosen(setAcross)}
        />
        <SelectField label="Upwards" value={up ?? ''} options={axisOptions(columns)} commit={chosen(setUp)} />
      </div>
      <LearnOptions value={options} commit={setOptions} />
      <details>
        <summary>Or train the page’s model on these two columns alone</summary>
        <p class="hint">
          You then see the blocks and the path of each point. The model does not see the other columns.
          {gaps === 0
            ? ''
            : ` ${gaps === 1 ? 'The row' : `The ${grouped(gaps)} rows`} with gaps in these columns ${gaps === 1 ? 'is' : 'are'} skipped; ${plural(rows - gaps, 'row')} remain${rows - gaps === 1 ? 's' : ''}.`}
        </p>
        <SelectField
          label="Color of the points"
          hint="Numbers from dark to light, texts by category. The model does not see this column."
          value={color}
          options={[
            { value: ONE_COLOR, label: 'One color' },
            ...columns.map(({ name, problem }) => ({ value: name, label: name, disabled: problem !== undefined })),
          ]}
          commit={setColor}
        />
        {axes.map((column) => (
          <Noise key={column.name} column={column} />
        ))}
        <Reasoned id={`${why}-two`} problem={problems.two} />
        <button
          type="button"
          disabled={busy || problems.two !== undefined}
          aria-describedby={problems.two === undefined ? undefined : `${why}-two`}
          onClick={() => void take()}
        >
          {busy ? 'Taking them…' : 'Use only these two'}
        </button>
      </details>
      <Reasoned id={why} problem={problems.learn} />
      <footer>
        <button type="button" onClick={done}>
          Cancel
        </button>
        <button
          type="button"
          class="primary"
          disabled={busy || problems.learn !== undefined}
          aria-describedby={problems.learn === undefined ? undefined : why}
          onClick={() =>
            learn({
              columns: columns.map(({ name }) => name).filter((name) => learned.has(name)),
              pair: [across!, up!],
              ...options,
            })
          }
        >
          Learn the table
        </button>
      </footer>
    </>
  );
};

/** The reason why a button cannot be pressed. */
const Reasoned = ({ id, problem }: { readonly id: string; readonly problem: string | undefined }): JSX.Element | null =>
  problem === undefined ? null : (
    <p class="problem" id={id} role="alert">
      {problem}
    </p>
  );

/** Returns the columns that the page shows at first: two columns of numbers if there are two, and else any other. */
const firstPair = (columns: readonly ColumnPreview[]): readonly [string | undefined, string | undefined] => {
  const ranked = [
    ...columns.filter((column) => column.learn.chosen && isAxis(column)),
    ...columns.filter((column) => column.learn.chosen && !isAxis(column)),
    ...columns.filter((column) => !column.learn.chosen && (column.learn.as !== undefined || isAxis(column))),
  ];
  return [ranked[0]?.name, ranked[1]?.name];
};

/** Returns why each of the two buttons cannot be pressed. A field is undefined if its button can be pressed. */
const problemsOf = (
  columns: readonly ColumnPreview[],
  learned: ReadonlySet<string>,
  axes: readonly ColumnPreview[],
): { readonly learn: string | undefined; readonly two: string | undefined } => {
  const usable = columns.filter(isAxis).length;
  const same = axes.length < 2 ? 'Choose two different columns to look at.' : undefined;
  const hasNumbers = columns.some(({ name, learn }) => learned.has(name) && learn.as !== 'categories');
  const unlearned = axes.find(({ name }) => !learned.has(name));
  const noAxis = axes.find((column) => !isAxis(column));
  return {
    learn:
      learned.size > 0 && !hasNumbers
        ? 'Tick at least one column of numbers: a density needs numbers.'
        : learned.size < 2
          ? 'Tick at least two columns, one of them with numbers.'
          : (same ??
            (unlearned === undefined
              ? undefined
              : unlearned.learn.as !== undefined
                ? `Tick ${unlearned.name}, or choose another column to look at.`
                : `${unlearned.name} cannot be learned: choose another column to look at.`)),
    two:
      usable < 2
        ? `Two columns of numbers are needed; this table has ${usable === 0 ? 'none' : 'one'} that can be used.`
        : (same ??
          (noAxis === undefined
            ? undefined
            : `${noAxis.name} ${noAxis.kind === 'texts' && noAxis.problem === undefined ? 'contains texts' : 'cannot be an axis'}: choose a column of numbers or dates.`)),
  };
};

const axisOptions = (
  columns: readonly ColumnPreview[],
): readonly { readonly value: string; readonly label: string; readonly disabled: boolean }[] =>
  columns.map((column) => ({
    value: column.name,
    label: column.name,
    disabled: !isAxis(column) && column.learn.as === undefined,
  }));

/** A note about the noise that is added to columns with repeated values. */
const Noise = ({
  column: { name, readAs: words, resolution },
}: {
  readonly column: ColumnPreview;
}): JSX.Element | null =>
  resolution === undefined ? null : (
    <p class="hint">
      {name}: {words === 'whole numbers' && resolution === 1 ? 'whole numbers' : 'values'} that repeat have no density;
      random numbers between 0 and {Number(resolution.toPrecision(5))} will be added to them.
    </p>
  );
