import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { FlowError } from '@impflow/core';
import { frameOf, type DataSet } from '@impflow/tables';

/** A row of a table: its cells by the names of their columns. */
type Row = Readonly<Record<string, unknown>>;

interface Recipe extends Omit<DataSet, 'load'> {
  readonly file: string;
  /** Parses the file and returns the rows to keep, in the order of the file. Each row has all columns. */
  rows(text: string): readonly Row[];
}

const dataset = ({ file, rows, ...about }: Recipe): DataSet =>
  Object.freeze<DataSet>({
    ...about,
    load: async () => frameOf(rows(await packaged(file)), `vega-datasets/${file} (${about.source})`),
  });

const POSITION = ['longitude (degrees)', 'latitude (degrees)'] as const;

const position = (longitude: number, latitude: number): Row => ({ [POSITION[0]]: longitude, [POSITION[1]]: latitude });

/**
 * Returns the distinct positions in the 48 contiguous states and Washington, D.C. Repeated positions are dropped,
 * because the density would be infinite at a position that many rows have.
 */
const contiguous = (positions: readonly (readonly [number, number])[]): readonly Row[] => {
  const inside = positions.filter(
    ([longitude, latitude]) => longitude > -125 && longitude < -66 && latitude > 24 && latitude < 50,
  );
  return [...new Map(inside.map((each) => [each.join(), each])).values()].map((each) => position(...each));
};

const lines = (csv: string): readonly string[] => csv.trim().split(/\r?\n/).slice(1);

/** Names of columns, by their keys in a file of records. */
type Names = Readonly<Record<string, string>>;

/**
 * Makes the columns of a data set, and the parser of its rows from a JSON file of records. Fields without a name in
 * `names` are dropped.
 */
const named = (names: Names): Pick<Recipe, 'columns' | 'rows'> => ({
  columns: Object.values(names),
  rows: (json) =>
    (JSON.parse(json) as readonly Row[]).map((record) =>
      Object.fromEntries(Object.entries(names).map(([key, name]) => [name, record[key]])),
    ),
});

/** Makes the columns and the parser as `named` does. The parser leaves out the records that lack a number. */
const complete = (names: Names): Pick<Recipe, 'columns' | 'rows'> => {
  const { columns, rows } = named(names);
  return { columns, rows: (json) => rows(json).filter((row) => Object.values(row).every(Number.isFinite)) };
};

interface Quake {
  readonly properties: { readonly type: string };
  readonly geometry: { readonly coordinates: readonly [number, number, number] };
}

/** Names of the bundled tables. */
type Name = 'earthquakes' | 'zipcodes' | 'airports' | 'penguins' | 'cars' | 'penguins-full' | 'cars-full' | 'flights';

/** The bundled tables by name. Reading a table takes milliseconds and needs no network. */
export const realDatasets: Readonly<Record<Name, DataSet>> = Object.freeze({
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
          }) => position(longitude, latitude),
        ),
  }),
  zipcodes: dataset({
    description:
      'The 33,109 positions of US postal codes in the 48 contiguous states and Washington, D.C.; codes that share a position count once.',
    source: 'GeoNames postal codes, snapshot of 2017',
    license: 'CC BY 4.0',
    columns: POSITION,
    file: 'zipcodes.csv',
    // The fields of a line are zip_code, latitude, longitude, city, state and county. No field of this file is quoted.
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
    // Names of airports may be quoted and contain commas, so the position is read from the end of the line: the last
    // two fields are the latitude and the longitude.
    rows: (text) =>
      contiguous(
        lines(text)
          .map((line) => line.split(','))
          .map((field) => [Number(field.at(-1)), Number(field.at(-2))]),
      ),
  }),
  penguins: dataset({
    description:
      'Beak, flipper and mass of 342 penguins of three species near Palmer Station; 2 penguins without measurements are left out.',
    source: 'Gorman, Williams and Fraser 2014, by palmerpenguins',
    license: 'CC0 1.0',
    file: 'penguins.json',
    ...complete({
      'Beak Length (mm)': 'Beak Length (mm)',
      'Beak Depth (mm)': 'Beak Depth (mm)',
      'Flipper Length (mm)': 'Flipper Length (mm)',
      'Body Mass (g)': 'Body Mass (g)',
    }),
  }),
  cars: dataset({
    description:
      'Consumption, engine, weight and acceleration of 392 cars of 1970 to 1982; 14 cars with a missing value are left out.',
    source: 'StatLib, Carnegie Mellon University',
    license: 'distributed in 1982 for educational and scientific purposes',
    file: 'cars.json',
    ...complete({
      Miles_per_Gallon: 'miles per gallon',
      Displacement: 'displacement (cu in)',
      Horsepower: 'power (hp)',
      Weight_in_lbs: 'weight (lb)',
      Acceleration: '0-60 mph (s)',
    }),
  }),
  'penguins-full': dataset({
    description: 'All 344 penguins, with species, island and sex; 10 rows have gaps.',
    source: 'Gorman, Williams and Fraser 2014, by palmerpenguins',
    license: 'CC0 1.0',
    file: 'penguins.json',
    ...named({
      Species: 'species',
      Island: 'island',
      Sex: 'sex',
      'Beak Length (mm)': 'beak length (mm)',
      'Beak Depth (mm)': 'beak depth (mm)',
      'Flipper Length (mm)': 'flipper length (mm)',
      'Body Mass (g)': 'body mass (g)',
    }),
  }),
  'cars-full': dataset({
    description: 'All 406 cars of 1970 to 1982, with cylinders, year and origin; 14 rows have gaps.',
    source: 'StatLib, Carnegie Mellon University',
    license: 'distributed in 1982 for educational and scientific purposes',
    file: 'cars.json',
    ...named({
      Miles_per_Gallon: 'miles per gallon',
      Cylinders: 'cylinders',
      Displacement: 'displacement (cu in)',
      Horsepower: 'power (hp)',
      Weight_in_lbs: 'weight (lb)',
      Acceleration: '0-60 mph (s)',
      Year: 'year',
      Origin: 'origin',
    }),
  }),
  flights: dataset({
    description: '2,000 flights in the USA from January to March 2001: start, delay, distance and airports.',
    source: 'U.S. Bureau of Transportation Statistics, on-time performance',
    license: 'U.S. government work',
    file: 'flights-2k.json',
    ...named({
      date: 'time',
      delay: 'delay (min)',
      distance: 'distance (mi)',
      origin: 'origin',
      destination: 'destination',
    }),
  }),
});

/** Reads the text of a file of the package `vega-datasets`, whose exports do not include its data. */
const packaged = async (file: string): Promise<string> => {
  const root = dirname(dirname(createRequire(import.meta.url).resolve('vega-datasets')));
  try {
    return await readFile(join(root, 'data', file), 'utf8');
  } catch (cause) {
    throw new FlowError('input', 'trainer/realDatasets', `Cannot read ${file} of the package vega-datasets`, {
      hint: 'Install the dependencies again.',
      cause,
    });
  }
};
