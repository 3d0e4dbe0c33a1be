import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { RowScores } from '../../protocol/table.ts';
import { NumberField, Segments } from '../field.tsx';
import { plural } from '../words.ts';

/** Lists the rows that are worth a look: the least likely rows, and the rows with empty cells. */
export const RowList = ({
  rows: { count, strangest, withGaps, pValues, gaps },
  chosen,
  choose,
}: {
  readonly rows: RowScores;
  readonly chosen: number | undefined;
  readonly choose: (row: number) => void;
}): JSX.Element => {
  const [kind, setKind] = useState<'strange' | 'gaps'>(strangest.length > 0 ? 'strange' : 'gaps');
  const listed = kind === 'strange' ? strangest : withGaps;
  return (
    <section class="row-list" aria-label="Rows">
      {strangest.length === 0 || withGaps.length === 0 ? null : (
        <Segments
          label="Rows"
          hidden
          value={kind}
          options={[
            { value: 'strange', label: 'Least likely' },
            { value: 'gaps', label: 'With empty cells' },
          ]}
          commit={setKind}
        />
      )}
      <ol>
        {listed.map((row) => (
          <li key={row}>
            <button type="button" class="small" aria-pressed={row === chosen} onClick={() => choose(row)}>
              Row {row + 1}
              <span class="hint">
                {kind === 'strange' ? `p ${pValues[row]!.toPrecision(2)}` : `${plural(gaps[row]!, 'gap')}`}
              </span>
            </button>
          </li>
        ))}
      </ol>
      <NumberField
        label="Row number"
        value={(chosen ?? listed[0] ?? 0) + 1}
        rule={{ kind: 'integer', least: 1, most: count }}
        commit={(number) => choose(number - 1)}
      />
    </section>
  );
};
