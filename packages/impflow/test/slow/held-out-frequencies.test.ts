import { readFileSync } from 'node:fs';
import { fit } from 'impflow';
import { expect, it } from 'vitest';
import { vegaPath } from '../penguins.ts';

interface Flight {
  readonly delay: number;
  readonly distance: number;
  readonly origin: string;
}

const AIRPORTS = ['DAL', 'PHX', 'LAX', 'HOU'];
const flights: readonly Flight[] = JSON.parse(readFileSync(vegaPath('flights-20k.json'), 'utf8')).map(
  ({ delay, distance, origin }: Flight) => ({ delay, distance, origin: AIRPORTS.includes(origin) ? origin : 'other' }),
);

/** Events, what is given, and the same as functions. */
const EVENTS: readonly [string, string | undefined, (row: Flight) => boolean, ((row: Flight) => boolean)?][] = [
  ['delay > 60', undefined, ({ delay }) => delay > 60],
  ['delay > 15', undefined, ({ delay }) => delay > 15],
  ['delay <= 0', undefined, ({ delay }) => delay <= 0],
  ['delay between -5 and 5', undefined, ({ delay }) => delay >= -5 && delay <= 5],
  ['distance > 1000', undefined, ({ distance }) => distance > 1000],
  ['origin in (DAL, HOU)', undefined, ({ origin }) => ['DAL', 'HOU'].includes(origin)],
  ['origin = DAL and distance < 300', undefined, ({ origin, distance }) => origin === 'DAL' && distance < 300],
  ['delay > 30', 'distance > 1000', ({ delay }) => delay > 30, ({ distance }) => distance > 1000],
  ['distance < 400', 'origin = PHX', ({ distance }) => distance < 400, ({ origin }) => origin === 'PHX'],
  ['delay > 15', 'not origin = other', ({ delay }) => delay > 15, ({ origin }) => origin !== 'other'],
];

it('probabilities of a fitted table agree with the frequencies in rows that training did not see', async () => {
  const [train, rest] = [flights.filter((_, i) => i % 2 === 0), flights.filter((_, i) => i % 2 === 1)];
  const model = await fit(train, { steps: 300, seed: 1, workers: 1 });
  const drawn = model.sample(20_000, { seed: 1 });
  const found = EVENTS.map(([event, given, isEvent, isGiven = () => true]) => {
    const { probability, standardError } = model.probability(event, given === undefined ? {} : { given });
    const frequencyIn = (all: readonly Flight[]): { readonly frequency: number; readonly error: number } => {
      const rows = all.filter(isGiven);
      const frequency = rows.filter(isEvent).length / rows.length;
      return { frequency, error: Math.hypot(standardError, Math.sqrt((frequency * (1 - frequency)) / rows.length)) };
    };
    return { event, given, probability, held: frequencyIn(rest), own: frequencyIn(drawn) };
  });
  // 0.002 allows for categories that training did not see, which are not drawn.
  for (const { event, probability, own } of found)
    expect(Math.abs(probability - own.frequency), event).toBeLessThan(4 * own.error + 0.002);
  // The estimate has no error of its own beyond this, but the model has one: it smooths the few distances of the
  // flights from a small airport, so an event about them may differ from the table.
  const agreeing = found.filter(
    ({ probability, held }) => Math.abs(probability - held.frequency) < 3 * held.error + 0.03,
  );
  expect(agreeing.length, JSON.stringify(found)).toBeGreaterThanOrEqual(9);
  model.dispose();
});
