import { fileURLToPath } from 'node:url';
import type { Frame } from '@impflow/tables';
import { realDatasets } from '@impflow/trainer/real';
import type { Plugin } from 'vite';
import { outline, type OutlineSource } from './outline.ts';

/** The places of the page, by name. */
const NAMES = ['earthquakes', 'zipcodes'] as const;
type Name = (typeof NAMES)[number];

/** The lines that are drawn over each place. */
const OUTLINES: Readonly<Record<Name, OutlineSource>> = {
  earthquakes: {
    file: 'world-110m.json',
    tolerance: 0.5,
    within: [
      [-180, 180],
      [-90, 90],
    ],
    license: 'Coasts: Natural Earth, public domain, by way of world-atlas (ISC)',
  },
  zipcodes: {
    file: 'us-10m.json',
    tolerance: 0.04,
    within: [
      [-130, -65],
      [24, 50],
    ],
    license: 'Border: U.S. Census Bureau, by way of us-atlas (ISC)',
  },
};

/**
 * A data set of the command line. `bytes` holds little-endian float32 pairs: the positions, then the lines drawn over
 * them. `about` is the sentence about the data on the page.
 */
export interface PlaceBytes {
  readonly bytes: Uint8Array;
  readonly columns: readonly string[];
  /** Number of positions. */
  readonly count: number;
  /** Number of pairs that the lines have. */
  readonly outlined: number;
  readonly about: string;
}

/** The numbers of a frame of two columns, `[rows, 2]`. */
export const pairsOf = ({ columns, rows }: Frame): Float32Array =>
  Float32Array.from({ length: 2 * rows }, (_, i) => columns[i & 1]!.numbers[i >> 1]!);

export const placeBytes = async (name: Name): Promise<PlaceBytes> => {
  const { description, source, license, columns, load } = realDatasets[name];
  const frame = await load();
  const lines = await outline(OUTLINES[name]);
  const all = [...pairsOf(frame), ...lines];
  const view = new DataView(new ArrayBuffer(4 * all.length));
  all.forEach((value, i) => {
    view.setFloat32(4 * i, value, true);
  });
  return {
    bytes: new Uint8Array(view.buffer),
    columns,
    count: frame.rows,
    outlined: lines.length / 2,
    about: `${description} Source: ${source}. License: ${license}. ${OUTLINES[name].license}.`,
  };
};

/**
 * Path of the module that this plugin makes. Its declarations are next to this path; the module itself is not on disk.
 */
const MODULE = fileURLToPath(new URL('../src/workers/data/place-files.js', import.meta.url));
/** Where the development server has the files. */
const FOLDER = '@places/';

/**
 * Makes the module with the addresses and the descriptions of the places. The build puts the files of the places beside
 * the scripts, so that workers find them and the page can lie in any folder. The development server serves the files
 * from memory. Workers are bundled separately, so their bundles need this plugin too.
 */
export const places = (): Plugin => {
  let served: string | undefined;
  const made = new Map<Name, Promise<PlaceBytes>>();
  const place = (name: Name): Promise<PlaceBytes> => {
    const found = made.get(name) ?? placeBytes(name);
    made.set(name, found);
    return found;
  };
  return {
    name: 'places',
    configResolved: ({ command, base }) => {
      served = command === 'serve' ? `${base}${FOLDER}` : undefined;
    },
    resolveId: (id) => (id.endsWith('/place-files.js') ? MODULE : undefined),
    async load(id) {
      if (id !== MODULE) return undefined;
      const entries = await Promise.all(
        NAMES.map(async (name) => {
          const { bytes, ...rest } = await place(name);
          const file = `${name}.bin`;
          const url =
            served === undefined
              ? `import.meta.ROLLUP_FILE_URL_${this.emitFile({ type: 'asset', name: file, source: bytes })}`
              : `new URL('${served}${file}', location.href).href`;
          return `${name}: { url: ${url}, ...${JSON.stringify(rest)} },`;
        }),
      );
      return `export const places = Object.freeze({\n${entries.join('\n')}\n});`;
    },
    configureServer: ({ middlewares }) => {
      middlewares.use((request, response, next) => {
        const path = request.url?.split('?', 1)[0];
        const name = NAMES.find((known) => path === `/${FOLDER}${known}.bin`);
        if (name === undefined) {
          next();
          return;
        }
        place(name).then(({ bytes }) => {
          response.setHeader('Content-Type', 'application/octet-stream');
          response.end(bytes);
        }, next);
      });
    },
  };
};
