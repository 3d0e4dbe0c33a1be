import { fit, load, type Model } from 'impflow';
import { beforeAll, describe, expect, it } from 'vitest';
import { penguins, type Penguin } from '../../penguins.ts';

/** A model of penguins without dates. */
type Bird = Omit<Penguin, 'seen'>;

describe('events of a fitted model', () => {
  let model: Model<Bird>;
  let drawn: readonly Bird[];
  beforeAll(async () => {
    const rows = penguins.map(({ species, island, sex, beak, flipper, mass }) => ({
      species,
      island,
      sex,
      beak,
      flipper,
      mass,
    }));
    model = await fit(rows, { steps: 10, workers: 1, hidden: [8], blocks: 1, missing: 'impute' });
    drawn = model.sample(20_000, { seed: 3 });
  });

  it('probabilities agree with the frequencies among draws', () => {
    const events: readonly [Parameters<Model<Bird>['probability']>[0], (row: Bird) => boolean][] = [
      ['mass > 5000', ({ mass }) => mass! > 5000],
      [
        { species: ['Adelie', 'Gentoo'], flipper: { atLeast: 200, below: 220 } },
        (row) => row.species !== 'Chinstrap' && row.flipper! >= 200 && row.flipper! < 220,
      ],
      ['not (sex = MALE or beak < 45)', ({ sex, beak }) => sex !== 'MALE' && beak! >= 45],
      ['flipper = 190', ({ flipper }) => flipper === 190],
    ];
    for (const [event, isEvent] of events) {
      const { probability, standardError, reliable } = model.probability(event, { seed: 2 });
      const frequency = drawn.filter(isEvent).length / drawn.length;
      const error = Math.hypot(standardError, Math.sqrt((frequency * (1 - frequency)) / drawn.length));
      expect(reliable).toBe(true);
      // 0.003 allows for the categories that training did not see, which are not drawn.
      expect(Math.abs(probability - frequency)).toBeLessThan(4 * error + 0.003);
    }
  });

  it('the same seed gives the same digits, also after `load`', async () => {
    const first = model.probability('mass > 6000', { seed: 5, draws: 2000 });
    expect(model.probability('mass > 6000', { seed: 5, draws: 2000 })).toEqual(first);
    expect(model.probability('mass > 6000', { seed: 6, draws: 2000 })).not.toEqual(first);
    const again = await load<Bird>(model.toBytes());
    expect(again.probability('mass > 6000', { seed: 5, draws: 2000 })).toEqual(first);
    again.dispose();
  });

  it('`sample`, `impute` and `score` fulfil an event', () => {
    const rows = model.sample(50, { given: { mass: { above: 5000 }, sex: 'FEMALE' }, seed: 1 });
    expect(rows.length).toBe(50);
    expect(rows.every(({ mass, sex }) => mass! > 5000 && sex === 'FEMALE')).toBe(true);
    const [filled, left] = model.impute([{ species: 'Gentoo' }, { species: 'Adelie' }], {
      given: 'species = Gentoo and mass > 5000',
      draws: 10,
    });
    expect(filled!.every(({ mass, species }) => mass! > 5000 && species === 'Gentoo')).toBe(true);
    expect(left).toEqual(Array.from({ length: 10 }, () => ({ species: 'Adelie' })));
    const row = rows[0]!;
    const { probability } = model.probability('mass > 5000', { seed: 0 });
    const [plain, given, outside] = [
      model.score([row])[0]!,
      model.score([row], { given: 'mass > 5000' })[0]!,
      model.score([row], { given: 'mass < 5000' })[0]!,
    ];
    expect(given.logDensity).toBeCloseTo(plain.logDensity - Math.log(probability), 6);
    expect([given.pValue, given.percentile]).toEqual([NaN, NaN]);
    expect(outside).toMatchObject({ logDensity: -Infinity, standardError: 0 });
  });
});
