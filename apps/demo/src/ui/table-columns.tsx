import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ColumnPreview, TableChoice, TablePreview } from '../protocol/data.ts';
import { wording } from '../state/wording.ts';
import { Check, SelectField } from './field.tsx';
import { grouped, plural } from './words.ts';

/**
 * Value of the entry "one color" in the select box for the column that colors the points.
 */
const ONE_COLOR = '';

/**
 * Shows the columns of a table. The visitor chooses the columns of the axes, and the column that determines the colors
 * of the points.
 */
export const TableColumns = ({
  preview: { rows, columns, reading },
  use,
  done,
  failed,
}: {
  readonly preview: TablePreview;
  readonly use: (choice: TableChoice) => Promise<void>;
  readonly done: () => void;
  readonly failed: (problem: string | undefined) => void;
}): JSX.Element => {
  const usable = columns.filter(isAxis);
  const [across, setAcross] = useState(usable[0]?.name);
  const [up, setUp] = useState(usable[1]?.name);
  const [color, setColor] = useState(ONE_COLOR);
  const [skipGaps, setSkipGaps] = useState(false);
  const [busy, setBusy] = useState(false);
  const axes = columns.filter(({ name }) => name === across || name === up);
  const gaps = new Set(axes.flatMap((column) => Array.from(column.gaps))).size;
  const take = async (): Promise<void> => {
    if (across === undefined || up === undefined) return;
    setBusy(true);
    failed(undefined);
    try {
      await use({ columns: [across, up], skipGaps, ...(color === ONE_COLOR ? {} : { color }) });
      done();
    } catch (error) {
      failed(wording(error));
    } finally {
      setBusy(false);
    }
  };
  const uses = (name: string): string =>
    [
      ...(name === across ? ['to the right'] : []),
      ...(name === up ? ['upwards'] : []),
      ...(name === color ? ['color'] : []),
    ].join(', ');
  return (
    <>
      <p>
        {plural(rows, 'row')}, {plural(columns.length, 'column')}.
      </p>
      <p class="hint">{reading}</p>
      <Overview columns={columns} uses={uses} />
      {usable.length < 2 ? (
        <p class="problem" role="alert">
          Two columns of numbers are needed; this table has {usable.length === 0 ? 'none' : 'one'} that can be used.
        </p>
      ) : (
        <>
          <div class="pair">
            <SelectField label="To the right" value={across ?? ''} options={axisOptions(columns)} commit={setAcross} />
            <SelectField label="Upwards" value={up ?? ''} options={axisOptions(columns)} commit={setUp} />
          </div>
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
        </>
      )}
      {across !== undefined && across === up ? (
        <p class="problem" role="alert">
          Choose two different columns.
        </p>
      ) : null}
      {gaps === 0 ? null : (
        <Check
          label={`Skip the ${gaps === 1 ? 'row' : plural(gaps, 'row')} with gaps in these columns; ${plural(rows - gaps, 'row')} remain${rows - gaps === 1 ? 's' : ''}`}
          checked={skipGaps}
          commit={setSkipGaps}
        />
      )}
      {axes.map((column) => (
        <Noise key={column.name} column={column} />
      ))}
      <footer>
        <button type="button" onClick={done}>
          Cancel
        </button>
        <button
          type="button"
          class="primary"
          disabled={busy || usable.length < 2 || across === up || (gaps > 0 && !skipGaps)}
          onClick={() => void take()}
        >
          {busy ? 'Taking them…' : 'Use these columns'}
        </button>
      </footer>
    </>
  );
};

const isAxis = ({ kind, problem }: ColumnPreview): boolean => kind !== 'texts' && problem === undefined;

const axisOptions = (
  columns: readonly ColumnPreview[],
): readonly { readonly value: string; readonly label: string; readonly disabled: boolean }[] =>
  columns.map((column) => ({ value: column.name, label: column.name, disabled: !isAxis(column) }));

/**
 * A table with one row for each column of the file. The row shows the first cells of the column, how the cells are
 * interpreted, and what the column is used for.
 */
const Overview = ({
  columns,
  uses,
}: {
  readonly columns: readonly ColumnPreview[];
  readonly uses: (name: string) => string;
}): JSX.Element => (
  <div class="scroll" tabIndex={0} role="region" aria-label="What is in each column">
    <table>
      <thead>
        <tr>
          <th scope="col">Column</th>
          <th scope="col">First cells</th>
          <th scope="col">Least</th>
          <th scope="col">Most</th>
          <th scope="col">Read as</th>
          <th scope="col">Used</th>
        </tr>
      </thead>
      <tbody>
        {columns.map((column) => {
          const { name, first, least, most, problem } = column;
          return (
            <tr key={name} data-chosen={uses(name) !== ''}>
              <th scope="row">{name}</th>
              <td>{first.map((cell) => (cell === '' ? '–' : cell)).join(', ')}</td>
              <td class="number">{least === '' ? '–' : least}</td>
              <td class="number">{most === '' ? '–' : most}</td>
              <td>{problem === undefined ? readAs(column) : <span class="problem">{problem}</span>}</td>
              <td>{uses(name) === '' ? 'no' : uses(name)}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  </div>
);

const readAs = ({ readAs: words, resolution, gaps }: ColumnPreview): string =>
  [
    words,
    ...(resolution === undefined ? [] : ['values repeat']),
    ...(gaps.length === 0 ? [] : [`${grouped(gaps.length)} gap${gaps.length === 1 ? '' : 's'}`]),
  ].join('; ');

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
