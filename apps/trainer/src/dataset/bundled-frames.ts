import { frameOf, type DataSet, type Frame } from '@impflow/tables';
import { packaged } from './vega-file.ts';

interface Recipe extends Omit<DataSet, 'load' | 'columns'> {
  readonly file: string;
  /** Name of each column, by its key in the file. */
  readonly names: Readonly<Record<string, string>>;
}

const dataset = ({ file, names, ...about }: Recipe): DataSet<Frame> =>
  Object.freeze<DataSet<Frame>>({
    ...about,
    columns: Object.values(names),
    load: async () => {
      const records = JSON.parse(await packaged(file)) as readonly Readonly<Record<string, unknown>>[];
      return frameOf(
        records.map((record) => Object.fromEntries(Object.entries(names).map(([key, name]) => [name, record[key]]))),
        `vega-datasets/${file} (${about.source})`,
      );
    },
  });

/** The bundled tables with texts, dates or gaps by name, all rows as published. Reading one takes milliseconds. */
export const frameDatasets: Readonly<Record<'penguins-full' | 'cars-full' | 'flights', DataSet<Frame>>> = Object.freeze(
  {
    'penguins-full': dataset({
      description: 'All 344 penguins, with species, island and sex; 10 have gaps.',
      source: 'Gorman, Williams and Fraser 2014, by palmerpenguins',
      license: 'CC0 1.0',
      file: 'penguins.json',
      names: {
        Species: 'species',
        Island: 'island',
        Sex: 'sex',
        'Beak Length (mm)': 'beak length (mm)',
        'Beak Depth (mm)': 'beak depth (mm)',
        'Flipper Length (mm)': 'flipper length (mm)',
        'Body Mass (g)': 'body mass (g)',
      },
    }),
    'cars-full': dataset({
      description: 'All 406 cars of 1970 to 1982, with cylinders, year and origin; 14 have gaps.',
      source: 'StatLib, Carnegie Mellon University',
      license: 'distributed in 1982 for educational and scientific purposes',
      file: 'cars.json',
      names: {
        Miles_per_Gallon: 'miles per gallon',
        Cylinders: 'cylinders',
        Displacement: 'displacement (cu in)',
        Horsepower: 'power (hp)',
        Weight_in_lbs: 'weight (lb)',
        Acceleration: '0-60 mph (s)',
        Year: 'year',
        Origin: 'origin',
      },
    }),
    flights: dataset({
      description: '2,000 flights in the USA from January to March 2001: start, delay, distance and airports.',
      source: 'U.S. Bureau of Transportation Statistics, on-time performance',
      license: 'U.S. government work',
      file: 'flights-2k.json',
      names: {
        date: 'time',
        delay: 'delay (min)',
        distance: 'distance (mi)',
        origin: 'origin',
        destination: 'destination',
      },
    }),
  },
);
