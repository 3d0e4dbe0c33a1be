import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { LearnedTable, PairPicture, RowScores } from '../../protocol/table.ts';
import { wording } from '../../state/wording.ts';
import { SelectField } from '../field.tsx';
import { plural } from '../words.ts';
import { Downloads } from './downloads.tsx';
import { PairView } from './pair-view.tsx';
import { ReportView } from './report-view.tsx';
import { RowCard } from './row-card.tsx';
import { RowList } from './row-list.tsx';
import { RowsFile } from './rows-file.tsx';
import type { OpenedTable } from './table-worker.ts';
import '../../styles/studio.css';

/** A learned table: a picture of two columns, the rows that are worth a look, and what the model says about a row. */
export const Studio = ({
  opened,
  table,
  name,
  pair: first,
  command,
  saved,
  back,
}: {
  readonly opened: OpenedTable;
  readonly table: LearnedTable;
  /** Name of the file of the table or of the model. */
  readonly name: string;
  readonly pair: readonly [across: string, up: string];
  /** The command that computes the same model. Absent for a model from a file. */
  readonly command?: string;
  /** Called when the visitor has saved the model. */
  readonly saved?: () => void;
  /** Returns to the choice of columns. Absent for a model from a file. */
  readonly back?: () => void;
}): JSX.Element => {
  const { columns, report } = table;
  const [rows, setRows] = useState(table.rows);
  const [[across, up], setAxes] = useState(first);
  const [pair, setPair] = useState<PairPicture>();
  const [chosen, setChosen] = useState(rows?.strangest[0] ?? rows?.withGaps[0]);
  const [problem, setProblem] = useState<string>();
  const heading = useRef<HTMLHeadingElement>(null);
  const failed = (error: unknown): void => setProblem(wording(error));
  // Screen readers read the result when the training has ended.
  useEffect(() => heading.current?.focus(), []);
  useEffect(() => {
    let current = true;
    opened
      .ask((w) => w.pair(across, up))
      .then(
        (found) => {
          if (current) setPair(found);
        },
        (error: unknown) => {
          if (current) failed(error);
        },
      );
    return () => {
      current = false;
    };
  }, [across, up, rows]);
  const score = (found: RowScores): void => {
    setProblem(undefined);
    setRows(found);
    setChosen(found.strangest[0] ?? found.withGaps[0]);
  };
  const axes = columns.map(({ name: column }) => ({ value: column, label: column }));
  return (
    <div class="studio">
      <h3 ref={heading} tabIndex={-1}>
        {back === undefined ? 'A model of' : 'Learned:'} {plural(columns.length, 'column')}
        {rows === undefined ? '' : `, ${plural(rows.count, 'row')}`}
      </h3>
      {problem === undefined ? null : (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <div class="studio-halves">
        <div>
          <div class="pair">
            <SelectField label="To the right" value={across} options={axes} commit={(to) => setAxes([to, up])} />
            <SelectField label="Upwards" value={up} options={axes} commit={(to) => setAxes([across, to])} />
          </div>
          {pair === undefined ? null : <PairView pair={pair} rows={rows} chosen={chosen} choose={setChosen} />}
        </div>
        {rows === undefined ? (
          <RowsFile opened={opened} columns={columns} taken={score} failed={failed} />
        ) : (
          <div>
            {chosen === undefined ? null : (
              <RowCard
                opened={opened}
                row={chosen}
                pValue={rows.pValues[chosen]!}
                heldOut={report.heldOut.rows}
                failed={setProblem}
              />
            )}
            <RowList key={rows.source} rows={rows} chosen={chosen} choose={setChosen} />
            {rows.remarks.map((remark) => (
              <p class="hint" key={remark}>
                {remark}
              </p>
            ))}
          </div>
        )}
      </div>
      <ReportView report={report} command={command} />
      <footer>
        {back === undefined ? null : (
          <button type="button" class="back" onClick={back}>
            Choose other columns
          </button>
        )}
        <Downloads opened={opened} name={rows?.source ?? name} rows={rows} saved={saved} failed={failed} />
      </footer>
    </div>
  );
};
