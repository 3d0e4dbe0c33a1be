import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { ColumnPreview } from '../../protocol/data.ts';
import { grouped } from '../words.ts';

/** Whether a column can be an axis of the model on the page, which learns two columns of numbers or dates. */
export const isAxis = ({ kind, problem }: ColumnPreview): boolean => kind !== 'texts' && problem === undefined;

/**
 * A table with one row for each column of the file. The row shows the first cells of the column, how the cells are
 * interpreted, and which axis shows the column. A check box says whether the model learns the column; if the box is not
 * ticked at first, the row says why.
 */
export const ColumnOverview = ({
  columns,
  uses,
  learned,
  tick,
}: {
  readonly columns: readonly ColumnPreview[];
  readonly uses: (name: string) => string;
  readonly learned: ReadonlySet<string>;
  readonly tick: (name: string, isLearned: boolean) => void;
}): JSX.Element => {
  const id = useId();
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="What is in each column">
      <table>
        <thead>
          <tr>
            <th scope="col">Learn</th>
            <th scope="col">First cells</th>
            <th scope="col">Least</th>
            <th scope="col">Most</th>
            <th scope="col">Read as</th>
            <th scope="col">Shown</th>
          </tr>
        </thead>
        <tbody>
          {columns.map((column, j) => {
            const { name, first, least, most, problem, learn } = column;
            return (
              <tr key={name} data-chosen={learned.has(name)}>
                <th scope="row">
                  <label class="check">
                    <input
                      type="checkbox"
                      checked={learned.has(name)}
                      disabled={learn.as === undefined}
                      aria-describedby={`${id}-${j}`}
                      onChange={(event) => tick(name, event.currentTarget.checked)}
                    />
                    <span>{name}</span>
                  </label>
                </th>
                <td>{first.map((cell) => (cell === '' ? '–' : cell)).join(', ')}</td>
                <td class="number">{least === '' ? '–' : least}</td>
                <td class="number">{most === '' ? '–' : most}</td>
                <td id={`${id}-${j}`}>
                  {learn.as === undefined ? (
                    <span class="problem">{problem ?? learn.why}</span>
                  ) : (
                    <>
                      <span>{readAs(column)}</span>
                      {learn.why === undefined ? null : <span class="hint">{learn.why}</span>}
                    </>
                  )}
                </td>
                <td>{uses(name) === '' ? '–' : uses(name)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
};

const readAs = ({ readAs: words, kind, learn, resolution, gaps }: ColumnPreview): string =>
  [
    // The model reads more forms of numbers than the plane of the page, such as `$1,200`, and reads codes as texts.
    kind === 'texts' && learn.as !== 'categories'
      ? `${learn.as}, in another form`
      : kind !== 'texts' && learn.as === 'categories'
        ? 'codes, read as categories'
        : words,
    ...(resolution === undefined ? [] : ['values repeat']),
    ...(gaps.length === 0 ? [] : [`${grouped(gaps.length)} gap${gaps.length === 1 ? '' : 's'}`]),
  ].join('; ');
