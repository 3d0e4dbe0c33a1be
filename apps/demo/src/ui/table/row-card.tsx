import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { CellReason, FilledCell } from '../../protocol/table.ts';
import { wording } from '../../state/wording.ts';
import { natsText, rareness, rowSentence } from './row-words.ts';
import type { OpenedTable } from './table-worker.ts';

interface Answers {
  readonly row: number;
  readonly reasons: readonly CellReason[];
  readonly fills: readonly FilledCell[];
}

/** Explains a row: what each cell costs, what would be usual, and what belongs into its empty cells. */
export const RowCard = ({
  opened,
  row,
  pValue,
  heldOut,
  failed,
}: {
  readonly opened: OpenedTable;
  readonly row: number;
  readonly pValue: number;
  /** Number of test rows of the training. */
  readonly heldOut: number;
  readonly failed: (problem: string) => void;
}): JSX.Element => {
  const [answers, setAnswers] = useState<Answers>();
  useEffect(() => {
    let current = true;
    const ask = async (): Promise<void> => {
      const reasons = await opened.ask((w) => w.explain(row));
      const fills = reasons.some(({ nats }) => Number.isNaN(nats)) ? await opened.ask((w) => w.fill(row)) : [];
      if (current) setAnswers({ row, reasons, fills });
    };
    ask().catch((error: unknown) => {
      if (current) failed(wording(error));
    });
    return () => {
      current = false;
    };
  }, [row]);
  const shown = answers?.row === row ? answers : undefined;
  return (
    <section class="row-card" aria-label="The chosen row" aria-busy={shown === undefined}>
      <h3>Row {row + 1}</h3>
      <p role="status">{shown === undefined ? 'Asking the model…' : rowSentence(shown.reasons)}</p>
      <p class="hint">{rareness(pValue, heldOut)}</p>
      {shown === undefined ? null : <Cells {...shown} />}
      {shown === undefined || shown.fills.length === 0 ? null : (
        <p class="hint">
          Empty cells: what the model draws for them, given the other cells. For numbers the middle, and the range of 90
          % of the draws; for texts their shares.
        </p>
      )}
    </section>
  );
};

const Cells = ({ reasons, fills }: Answers): JSX.Element => {
  const most = reasons.reduce((largest, { nats }) => Math.max(largest, nats || 0), 1);
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Cells of the row">
      <table>
        <thead>
          <tr>
            <th scope="col">Column</th>
            <th scope="col">Cell</th>
            <th scope="col">Usual here</th>
            <th scope="col" title="How much more likely the row would be with a usual cell">
              Costs (nats)
            </th>
          </tr>
        </thead>
        <tbody>
          {reasons.map(({ column, nats, value, usual }) => {
            const fill = fills.find((each) => each.column === column);
            return (
              <tr key={column} data-chosen={nats >= 1}>
                <th scope="row">{column}</th>
                <td>{Number.isNaN(nats) ? <em>empty</em> : value}</td>
                <td>{fill?.text ?? usual}</td>
                <td class="number">
                  {Number.isNaN(nats) ? (
                    '–'
                  ) : (
                    <>
                      {natsText(nats)}
                      <meter min={0} max={most} value={Math.max(0, nats)} aria-hidden="true" />
                    </>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
};
