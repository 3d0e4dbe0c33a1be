import type { JSX } from 'preact';
import { PLACES, TOYS, type DataChoice } from '../config.ts';
import { PLACE_WORDS, TOY_WORDS } from '../labels.ts';
import { RULES } from '../rules.ts';
import type { Session } from '../state/session-types.ts';
import type { Controls } from './controls.ts';
import { NumberField, SelectField } from './field.tsx';
import { Thumbnails } from './thumbnails.tsx';
import { grouped } from './words.ts';

/** Value of the list entry that is shown if the data are a drawing or a table. Choosing this entry has no effect. */
const OWN = 'own';

/** Panel in which the visitor chooses the data. */
export const DataPanel = ({
  controls,
  draw,
  openTable,
}: {
  readonly controls: Controls;
  readonly draw: () => void;
  readonly openTable: () => void;
}): JSX.Element => {
  const { session, config, edit } = controls;
  const { data } = config.value;
  const own = data.kind === 'drawn' || data.kind === 'table';
  const scaled = data.kind === 'place' || data.kind === 'table';
  const change = (part: Partial<DataChoice>): void => edit((now) => ({ data: { ...now.data, ...part } }));
  return (
    <>
      <Thumbnails
        value={own ? undefined : data.name}
        choose={(name) => edit(({ data: now }) => ({ data: { ...now, kind: isPlace(name) ? 'place' : 'toy', name } }))}
      />
      <SelectField
        label="Points from"
        value={own ? OWN : data.name}
        commit={(name) => {
          if (name !== OWN)
            edit(({ data: now }) => ({ data: { ...now, kind: isPlace(name) ? 'place' : 'toy', name } }));
        }}
        options={[
          ...(own
            ? [{ group: 'Yours', options: [{ value: OWN, label: data.kind === 'drawn' ? 'Your drawing' : data.name }] }]
            : []),
          { group: 'Known densities', options: TOYS.map((name) => ({ value: name, label: TOY_WORDS[name] ?? name })) },
          { group: 'Places', options: PLACES.map((name) => ({ value: name, label: PLACE_WORDS[name] ?? name })) },
        ]}
      />
      <div class="pair">
        <button type="button" class="draw-own" onClick={draw}>
          Draw your own
        </button>
        <button type="button" class="open-table" onClick={openTable}>
          Open a table
        </button>
      </div>
      {session.view.value.level === 'expert' ? (
        <div class="pair">
          <NumberField
            label="Noise"
            hint={
              scaled
                ? 'Standard deviation, relative to the standard deviations of the columns.'
                : 'Standard deviation, in units of the plane.'
            }
            value={data.noise}
            rule={RULES.noise}
            commit={(noise) => change({ noise })}
          />
          <NumberField
            label="Rows"
            hint={data.kind === 'toy' ? '0: fresh rows at every step.' : '0: all there are.'}
            value={data.size}
            rule={RULES.size}
            commit={(size) => change({ size })}
          />
        </div>
      ) : null}
      <About session={session} />
    </>
  );
};

const isPlace = (name: string): boolean => (PLACES as readonly string[]).includes(name);

const About = ({ session }: { readonly session: Session }): JSX.Element | null => {
  const data = session.data.value;
  if (data === undefined) return null;
  const { trainRows, heldOutRows, columns, about } = data;
  return (
    <p class="hint">
      {trainRows === 0 ? 'Trained on fresh rows' : `Trained on ${grouped(trainRows)} rows`}, judged on{' '}
      {grouped(heldOutRows)} others. Axes: {columns[0]}, {columns[1]}. {about}
    </p>
  );
};
