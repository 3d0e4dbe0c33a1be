import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FlowError } from '@impflow/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realDatasets } from '../../../../trainer/src/dataset/bundled-tables.ts';
import { pairsOf, placeBytes } from '../../../build/places.ts';
import { fetchPlace } from '../../../src/workers/data/places.ts';

let server: Server;
let address = '';
beforeAll(async () => {
  const { bytes } = await placeBytes('earthquakes');
  const expected = 8 * 1679;
  server = createServer((request, response) => {
    response.statusCode = request.url === '/none' ? 404 : 200;
    if (request.url === '/broken') {
      response.setHeader('Content-Length', bytes.length);
      response.write(bytes.subarray(0, 100), () => response.destroy());
    } else response.end(request.url === '/short' ? bytes.subarray(8, expected) : bytes);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
});

describe('bundled geographic data sets', () => {
  it.each(['earthquakes', 'zipcodes'] as const)('%s has the same rows as on the command line', async (name) => {
    const [frame, place] = [await realDatasets[name].load(), await placeBytes(name)];
    expect([place.count, place.columns]).toEqual([frame.rows, frame.columns.map((column) => column.name)]);
    const values = pairsOf(frame);
    const view = new DataView(place.bytes.buffer);
    expect(Float32Array.from(values, (_, i) => view.getFloat32(4 * i, true))).toEqual(values);
  });

  it('a bundled geographic data set is loaded from a file of the page', async () => {
    const { count, outlined, about } = await placeBytes('earthquakes');
    const place = await fetchPlace('earthquakes', {
      url: `${address}/there`,
      count,
      outlined,
      about,
      columns: ['longitude', 'latitude'],
    });
    const { outline, ...rest } = place;
    expect(rest).toEqual({
      about,
      columns: ['longitude', 'latitude'],
      rows: pairsOf(await realDatasets.earthquakes.load()),
    });
    // The border lines have valid longitudes and latitudes. A pair of NaN ends each line.
    expect(outline!.length).toBe(2 * outlined);
    expect(outline!.filter((value) => Number.isNaN(value)).length).toBeGreaterThan(100);
    expect(outline!.every((value) => Number.isNaN(value) || Math.abs(value) <= 180)).toBe(true);
  });

  it('the error for a data file that cannot be loaded contains the reason', async () => {
    const refusal = async (url: string): Promise<string> =>
      fetchPlace('earthquakes', { url, count: 1679, outlined: 0, about: '', columns: ['x', 'y'] }).then(
        () => 'no error',
        (error: FlowError) => `${error.code} ${error.message}`,
      );
    const end = '. Check that the server of the page is still running, and try again.';
    expect(await refusal(`${address}/none`)).toBe(
      `input [demo/fetchPlace] Cannot load the earthquakes: expected 13432 bytes at ${address}/none, got the answer 404${end}`,
    );
    expect(await refusal(`${address}/short`)).toContain(`got 13424 bytes${end}`);
    expect(await refusal(`${address}/broken`)).toContain(`got a broken answer${end}`);
    expect(await refusal('http://127.0.0.1:1/there')).toContain(`got no answer${end}`);
  });
});
