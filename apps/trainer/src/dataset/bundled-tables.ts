import type { DataSet, Table } from '@impflow/tables';
import { packaged } from './vega-file.ts';

interface Recipe extends Omit<DataSet, 'load'> {
  readonly file: string;
  /** Parses the file and returns the rows to keep, in its order. */
  rows(text: string): readonly (readonly number[])[];
}

const dataset = ({ file, rows, ...about }: Recipe): DataSet<Table> =>
  Object.freeze<DataSet<Table>>({
    ...about,
    load: async () => {
      const kept = rows(await packaged(file));
      return {
        columns: about.columns,
        rows: kept.length,
        values: Float32Array.from(kept.flat()),
        source: `vega-datasets/${file} (${about.source})`,
      };
    },
  });

const POSITION = ['longitude (degrees)', 'latitude (degrees)'] as const;

/**
 * Distinct positions in the 48 states and Washington. Repeated ones are dropped, because a density is infinite where a
 * share of the rows coincides.
 */
const contiguous = (positions: readonly (readonly [number, number])[]): readonly (readonly [number, number])[] => {
  const inside = positions.filter(
    ([longitude, latitude]) => longitude > -125 && longitude < -66 && latitude > 24 && latitude < 50,
  );
  return [...new Map(inside.map((position) => [position.join(), position])).values()];
};

const lines = (csv: string): readonly string[] => csv.trim().split(/\r?\n/).slice(1);

/** The given fields of each record. Records with a missing or non-numeric field are dropped. */
const complete = (json: string, fields: readonly string[]): readonly (readonly number[])[] =>
  (JSON.parse(json) as readonly Readonly<Record<string, unknown>>[])
    .map((record) => fields.map((field) => record[field]))
    .filter((row): row is number[] => row.every((value) => typeof value === 'number' && Number.isFinite(value)));

interface Quake {
  readonly properties: { readonly type: string };
  readonly geometry: { readonly coordinates: readonly [number, number, number] };
}

/** The bundled tables of numbers by name. Reading one takes milliseconds, without network. */
export const realDatasets: Readonly<
  Record<'earthquakes' | 'zipcodes' | 'airports' | 'penguins' | 'cars', DataSet<Table>>
> = Object.freeze({
  earthquakes: dataset({
    description:
      'Epicenters of the 1,679 earthquakes that the USGS recorded from 31 January to 7 February 2018; explosions and quarry blasts are left out.',
    source: 'U.S. Geological Survey, earthquake feed',
    license: 'public domain',
    columns: POSITION,
    file: 'earthquakes.json',
    rows: (text) =>
      (JSON.parse(text) as { readonly features: readonly Quake[] }).features
        .filter(({ properties }) => properties.type === 'earthquake')
        .map(
          ({
            geometry: {
              coordinates: [longitude, latitude],
            },
          }) => [longitude, latitude],
        ),
  }),
  zipcodes: dataset({
    description:
      'The 33,109 positions of US postal codes in the 48 contiguous states and Washington, D.C.; codes that share a position count once.',
    source: 'GeoNames postal codes, snapshot of 2017',
    license: 'CC BY 4.0',
    columns: POSITION,
    file: 'zipcodes.csv',
    // zip_code,latitude,longitude,city,state,county: no field of this file is quoted.
    rows: (text) =>
      contiguous(
        lines(text)
          .map((line) => line.split(','))
          .map((field) => [Number(field[2]), Number(field[1])]),
      ),
  }),
  airports: dataset({
    description: 'Positions of 3,069 airports in the 48 contiguous states and Washington, D.C.',
    source: 'Data.gov, Airports',
    license: 'U.S. government work',
    columns: POSITION,
    file: 'airports.csv',
    // Names may be quoted and hold commas; the position is the last two fields, latitude first.
    rows: (text) =>
      contiguous(
        lines(text)
          .map((line) => line.split(','))
          .map((field) => [Number(field.at(-1)), Number(field.at(-2))]),
      ),
  }),
  penguins: dataset({
    description:
      'Beak, flipper and mass of 342 penguins of three species near Palmer Station; the 2 without measurements are dropped.',
    source: 'Gorman, Williams and Fraser 2014, by palmerpenguins',
    license: 'CC0 1.0',
    columns: ['Beak Length (mm)', 'Beak Depth (mm)', 'Flipper Length (mm)', 'Body Mass (g)'],
    file: 'penguins.json',
    rows: (text) => complete(text, ['Beak Length (mm)', 'Beak Depth (mm)', 'Flipper Length (mm)', 'Body Mass (g)']),
  }),
  cars: dataset({
    description:
      'Consumption, engine, weight and acceleration of 392 cars of 1970 to 1982; the 14 with a missing value are dropped.',
    source: 'StatLib, Carnegie Mellon University',
    license: 'distributed in 1982 for educational and scientific purposes',
    columns: ['miles per gallon', 'displacement (cu in)', 'power (hp)', 'weight (lb)', '0-60 mph (s)'],
    file: 'cars.json',
    rows: (text) => complete(text, ['Miles_per_Gallon', 'Displacement', 'Horsepower', 'Weight_in_lbs', 'Acceleration']),
  }),
});
