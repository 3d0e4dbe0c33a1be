import { useComputed, useSignal, useSignalEffect, type ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { fixed } from '../axes.ts';
import { KIND_WORDS } from '../labels.ts';
import type { HeldOut } from '../protocol/viewer.ts';
import type { Session } from '../state/session-types.ts';
import { standingOf } from '../state/standing.ts';
import { expectedOf } from '../study.ts';
import { Chart, drawLevel, type Curve } from './chart.tsx';
import { identityOf, throttled } from './hooks.ts';
import { drawBand } from './loss-band.ts';
import { lossData, lossInWords, placeOf, spread, type LossWords } from './loss-data.ts';
import { Swatch } from './swatch.tsx';

const DASHES = [undefined, [7, 4]] as const;

/** A chart of the training loss and the held-out loss by step, and of the entropy of the data if it is known. */
export const LossChart = ({ session }: { readonly session: Session }): JSX.Element => {
  const histories = useComputed(() => session.runs.value.map(({ history }) => history.value));
  const entropy = useComputed(() => session.data.value?.entropy);
  const expected = useComputed(() => {
    const { data: chosen, models, race } = session.config.value;
    const kinds = models.map(({ kind }) => kind);
    return {
      unit: race === 'seconds' && models.length === 2 ? race : 'steps',
      ...expectedOf(chosen.name, kinds, race),
    } as const;
  });
  const data = useComputed(() => lossData(histories.value, entropy.value, expected.value.unit, expected.value.band));
  const slowly = useSlowly(histories);
  // The losses on new points are not delayed, so that the table always agrees with the headline of a race.
  const standing = useComputed(() => standingOf(session.runs.value));
  const words = useComputed(() =>
    slowly.value.map((history, slot) => lossInWords(history, standing.value?.means[slot], entropy.value)),
  );
  const count = session.runs.value.length;
  const expert = session.view.value.level === 'expert';
  const { unit } = expected.value;
  const name = (slot: number): string =>
    `${count > 1 ? `${'AB'[slot]}, ` : ''}${KIND_WORDS[session.config.value.models[slot]?.kind ?? 'implicit'].label.toLowerCase()}`;

  const curves = Array.from({ length: count }, (_, slot): readonly Curve[] => {
    const dash = DASHES[slot];
    return [
      // The training loss is drawn as a solid line, because a dashed line with a thousand points is slow to draw.
      { color: (theme) => theme.curves[slot]!, width: 1, alpha: 0.6 },
      {
        color: (theme) => theme.curves[slot]!,
        width: 1.6,
        ...(dash === undefined ? {} : { dash }),
        points: { size: 6, filled: slot === 0 },
      },
    ];
  }).flat();
  const inWords = (): string =>
    words
      .peek()
      .map((of, slot) => `Model ${name(slot)}: ${sentence(of)}`)
      .join(' ') || 'No steps yet.';
  return (
    <div class="loss-chart">
      {count > 0 && (
        <Chart
          key={`${session.runs.value.map(identityOf).join(' ')} ${expert} ${unit}`}
          data={data}
          curves={curves}
          names={[unit === 'steps' ? 'steps' : 'seconds of computing', expert ? 'loss (nats)' : 'surprise']}
          height={240}
          label={inWords}
          extra={(u, theme) => {
            const { band } = expected.peek();
            if (band !== undefined) drawBand(u, band, theme);
            histories
              .peek()
              .forEach((history, slot) =>
                drawErrors(u, spread(history.heldOut), theme.curves[slot]!, (step) => placeOf(history, unit, step)),
              );
            if (entropy.peek() !== undefined) drawLevel(u, entropy.peek()!, '', theme.curves[2], theme.paper);
          }}
        />
      )}
      {entropy.value === undefined && expected.value.band === undefined ? null : (
        <ul class="curve-names">
          {entropy.value === undefined ? null : (
            <li>
              <Swatch curve={2} dashed />{' '}
              {expert ? 'entropy of the data: the least expected loss' : 'the best that any model can do'}
            </li>
          )}
          {expected.value.band === undefined ? null : (
            <li>
              <span class="band-swatch" aria-hidden="true" /> where the study expects the final leader to take the lead
            </li>
          )}
        </ul>
      )}
      <table class="numbers">
        <caption class={standing.value === undefined ? 'visually-hidden' : 'hint'}>
          {standing.value === undefined
            ? 'Latest losses in nats'
            : `Mean losses in nats; new points: the same ${standing.value.points}${count > 1 ? ' for both models' : ''}`}
        </caption>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">Training</th>
            <th scope="col">{expert ? 'Held out' : 'New points'}</th>
            {entropy.value === undefined ? null : <th scope="col">{expert ? 'Above entropy' : 'Above best'}</th>}
          </tr>
        </thead>
        <tbody>
          {words.value.map(({ training, heldOut, gap }, slot) => (
            <tr key={slot}>
              <th scope="row">
                <Swatch curve={slot} dashed={slot === 1} /> {name(slot)}
              </th>
              <td>{training}</td>
              <td>{heldOut}</td>
              {entropy.value === undefined ? null : <td>{gap}</td>}
            </tr>
          ))}
        </tbody>
      </table>
      <p>{expert ? <Explained entropy={entropy.value} /> : SIMPLE}</p>
    </div>
  );
};

/** Description of the loss curves in the simple view. */
const SIMPLE =
  'How surprised the model is by the points, on average: lower is better. The thin line is for the training points of each step ' +
  'and therefore jumps; the dots are for points that are never used for training.';

const Explained = ({ entropy }: { readonly entropy: number | undefined }): JSX.Element => (
  <>
    Mean of −log p over a batch (thin line) and over rows that training never sees (dots, with their standard error), in
    nats, the units of natural logarithms: lower is better.
    {entropy === undefined
      ? ' The entropy of these data is not known.'
      : ` The entropy of the data is ${fixed(entropy, 3)} nats: the expected loss of a model is never lower. On a single batch the loss may be lower by chance. Then the thin line falls below the entropy.`}
  </>
);

const sentence = ({ training, heldOut, gap }: LossWords): string =>
  `training loss ${training} nats, held out ${heldOut}${gap === '–' ? '' : `, ${gap} above the entropy`}.`;

/** Returns a copy of a signal that is updated at most twice a second, so that numbers in a table are readable. */
const useSlowly = <T,>(source: ReadonlySignal<T>): ReadonlySignal<T> => {
  const slow = useSignal(source.peek());
  const copying = useRef(
    throttled(() => {
      slow.value = source.peek();
    }, 500),
  ).current;
  useSignalEffect(() => {
    void source.value;
    copying.request();
  });
  useEffect(() => copying.stop, []);
  return slow;
};

/** Draws error bars of one standard error for each held-out loss. */
const drawErrors = (u: uPlot, heldOut: readonly HeldOut[], color: string, place: (step: number) => number): void => {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.strokeStyle = color;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (const { step, nats, standardError } of heldOut) {
    const x = u.valToPos(place(step), 'x', true);
    ctx.moveTo(x, u.valToPos(nats - standardError, 'y', true));
    ctx.lineTo(x, u.valToPos(nats + standardError, 'y', true));
  }
  ctx.stroke();
  ctx.restore();
};
