import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vega } from '../../../../packages/tables/test/vega.ts';
import { compiled, csv, fixture, json, pause, start, temporary, until, within, type Running } from './harness.ts';

// These tests start the compiled program and call it over HTTP.

type Cell = string | number | null;
type Row = Readonly<Record<string, Cell>>;
interface Scores {
  readonly rows: number;
  readonly logDensity: readonly (number | null)[];
  readonly percentile: readonly (number | null)[];
  readonly pValue: readonly (number | null)[];
  readonly standardError?: readonly number[];
  readonly gaps?: readonly number[];
  readonly remarks: readonly string[];
}

const folder = temporary();
const at = (name: string): string => join(folder, name);

/** Penguins: two categories and three numbers. One category is the condition. 11 rows have gaps. */
const NAMES = {
  Species: 'species',
  Sex: 'sex',
  'Beak Length (mm)': 'beak',
  'Beak Depth (mm)': 'depth',
  'Body Mass (g)': 'mass',
};
const penguins: readonly Row[] = vega('penguins.json').map((row) =>
  Object.fromEntries(Object.entries(NAMES).map(([own, name]) => [name, row[own] === '.' ? null : (row[own] ?? null)])),
);
const NUMBERS = ['beak', 'depth', 'mass'];
const whole = penguins.filter((row) => NUMBERS.every((name) => row[name] !== null));
const text = (rows: readonly Row[], names: readonly string[]): readonly (readonly (string | number)[])[] =>
  rows.map((row) => names.map((name) => row[name] ?? ''));

interface Server {
  readonly url: string;
  readonly running: Running;
}

const serve = async (run: string, ...args: readonly string[]): Promise<Server> => {
  const running = start('serve', at(run), '--port', '0', ...args);
  await until(() => /Serving .*\n/.test(running.said()));
  return { url: /at (http:\S+),/.exec(running.said())![1]!, running };
};

const post = (url: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

const scored = async (url: string, rows: readonly Row[]): Promise<Scores> =>
  (await post(`${url}/score`, rows)).json() as Promise<Scores>;

/** Returns the value of a metric of `GET /metrics`. */
const figure = async (url: string, name: string): Promise<number> => {
  const line = (await (await fetch(`${url}/metrics`)).text()).split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.split(' ').at(-1));
};

/** Returns as soon as a request to score waits in the queue. */
const waiting = async (url: string): Promise<void> => {
  for (const began = Date.now(); (await figure(url, 'impflow_queue_requests{route="/score"}')) === 0; await pause(5))
    if (Date.now() - began > 30_000) throw new Error('waited in vain');
};

let server: Server;

beforeAll(async () => {
  compiled();
  csv(at('penguins.csv'), Object.values(NAMES).join(','), text(penguins, Object.values(NAMES)));
  csv(at('numbers.csv'), NUMBERS.join(','), text(whole, NUMBERS));
  const options = ['--steps', '20', '--batch', '64', '--hidden', '8', '--blocks', '2', '--quiet', '--json'];
  json(await within('train', '--data', at('penguins.csv'), '--given', 'species', ...options, '--out', at('penguins')));
  json(await within('train', '--data', at('numbers.csv'), ...options, '--out', at('numbers')));
  const images = fixture('../../../../packages/flows/test/parity/fixtures/image_conv.safetensors');
  const published = ['--activation', 'swish', '--coeff', '0.9', '--image', '8,8,1', '--json'];
  json(await within('import', images, ...published, '--out', at('images')));
  server = await serve('penguins');
}, 120_000);

afterAll(() => server.running.kill('SIGKILL'));

describe('the responses', () => {
  it.each(['penguins', 'numbers'])(
    '`POST /score` returns the scores of the command `score`, to the last digit: %s',
    async (run) => {
      const own = run === 'numbers' ? await serve(run) : server;
      const rows = run === 'numbers' ? whole.map(({ beak, depth, mass }) => ({ beak, depth, mass })) : penguins;
      const file = at(`${run}.csv`);
      const said = json<Scores>(await within('score', at(run), file, '--json', '--quiet'));
      const answers = [
        await scored(own.url, rows as readonly Row[]),
        (await (await post(`${own.url}/score`, { rows })).json()) as Scores,
        (await (
          await post(`${own.url}/score`, readFileSync(file, 'utf8'), { 'content-type': 'text/csv' })
        ).json()) as Scores,
      ];
      for (const answer of answers) {
        expect(answer.rows).toBe(rows.length);
        for (const name of ['logDensity', 'percentile', 'pValue', 'standardError', 'gaps'] as const)
          expect(answer[name]).toEqual(said[name]);
        expect(answer.pValue.filter((p) => p !== null && p > 0 && p <= 1).length).toBeGreaterThan(300);
      }
      if (run === 'numbers') own.running.kill('SIGKILL');
    },
  );

  it('`POST /score` returns, on request, the CSV that the command `score` writes', async () => {
    await within('score', at('penguins'), at('penguins.csv'), '--out', at('scores.csv'), '--quiet');
    const answer = await post(`${server.url}/score`, penguins, { accept: 'text/csv' });
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(await answer.text()).toBe(readFileSync(at('scores.csv'), 'utf8'));
  });

  it('`POST /sample` returns the draws of the command `sample`, even if it computes several blocks or has several conditions', async () => {
    const given = { species: 'Gentoo' };
    const said = json<{ samples: readonly Row[] }>(
      await within('sample', at('penguins'), '-n', '200', '--seed', '3', '--given', 'species=Gentoo', '--json'),
    );
    const answer = await post(`${server.url}/sample`, { n: 200, seed: 3, given });
    const { samples } = (await answer.json()) as { samples: readonly Row[] };
    expect(samples).toEqual(said.samples);
    const two = await post(`${server.url}/sample`, { n: 2, given: [given, { species: 'Adelie' }] });
    expect(((await two.json()) as { samples: readonly Row[] }).samples.map(({ species }) => species)).toEqual([
      'Gentoo',
      'Gentoo',
      'Adelie',
      'Adelie',
    ]);
  });

  it('`POST /explain` returns the largest value of `part` for the column of an unusual cell', async () => {
    const answer = await post(`${server.url}/explain`, [
      { ...whole[0]!, mass: 9000 },
      { ...whole[0]!, depth: null },
    ]);
    const { reasons } = (await answer.json()) as {
      reasons: readonly (readonly { column: string; part: number | null; typical: Cell }[])[];
    };
    const [first] = reasons[0]!.toSorted((a, b) => b.part! - a.part!);
    expect(first!.column).toBe('mass');
    expect(reasons[1]!.find(({ column }) => column === 'depth')).toMatchObject({
      part: null,
      typical: expect.any(Number),
    });
  });

  it('`POST /impute` returns the rows that the command `impute` writes, in one or several blocks, as JSON and as CSV', async () => {
    const said = json<{ imputed: readonly Row[]; left: readonly number[] }>(
      await within('impute', at('penguins'), at('penguins.csv'), '--draws', '2', '--seed', '4', '--json', '--quiet'),
    );
    const answer = await post(`${server.url}/impute`, { rows: penguins, draws: 2, seed: 4 });
    const found = (await answer.json()) as { rows: number; imputed: readonly Row[]; left: readonly number[] };
    expect(found.rows).toBe(penguins.length);
    expect(found.imputed).toEqual(said.imputed);
    expect(found.left).toEqual(said.left);
    expect(found.imputed.length).toBe(2 * penguins.length);
    const one = await post(`${server.url}/impute`, penguins, { accept: 'text/csv' });
    expect(one.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const written = await within('impute', at('penguins'), at('penguins.csv'), '--draws', '1', '--quiet');
    expect((await one.text()).trim()).toBe(written.stdout.trim());
  });

  it('`POST /impute` fills gaps so that the rows fulfil an event', async () => {
    const rows = [{ ...whole[0]!, mass: null }];
    const answer = await post(`${server.url}/impute`, { rows, draws: 20, given: { mass: { above: 4500 } } });
    const { imputed } = (await answer.json()) as { imputed: readonly { mass: number }[] };
    expect(imputed.length).toBe(20);
    expect(Math.min(...imputed.map(({ mass }) => mass))).toBeGreaterThan(4500);
  });

  it('`POST /probability` returns what the command `probability` prints', async () => {
    const given = 'species = Gentoo and depth < 16';
    const said = json<object>(
      await within('probability', at('penguins'), 'mass > 5000', '--given', given, '--json', '--quiet'),
    );
    const answer = await post(`${server.url}/probability`, { event: { mass: { above: 5000 } }, given });
    expect(answer.status).toBe(200);
    expect(said).toMatchObject((await answer.json()) as object);
  });

  it('`POST /drift` returns what the command `drift` prints, and the metric of drift falls when odd rows are scored', async () => {
    const heavy = whole.map((row) => ({ ...row, mass: Number(row['mass']) + 3000 }));
    const said = json<{ drifted: boolean; because: string; pValue: number }>(
      await within(
        'drift',
        at('penguins'),
        csv(at('heavy.csv'), ['species', 'sex', ...NUMBERS].join(','), text(heavy, ['species', 'sex', ...NUMBERS])),
        '--json',
        '--quiet',
      ),
    );
    const answer = await post(`${server.url}/drift`, heavy);
    expect(answer.status).toBe(200);
    const found = (await answer.json()) as typeof said;
    expect(found).toMatchObject({ drifted: true, because: said.because, pValue: said.pValue });
    // The rows themselves are compared with themselves.
    const none = await post(`${server.url}/drift`, { rows: whole, reference: whole, alpha: 0.05 });
    expect(await none.json()).toMatchObject({ drifted: false });
    // The metric compares the last 1,000 rows.
    for (let i = 0; i < 3; i++) await scored(server.url, heavy);
    expect(await figure(server.url, 'impflow_drift_p_value')).toBeLessThan(1e-6);
  });

  it('`GET` of /, /model, /health and /openapi.json describes the server', async () => {
    const get = async (path: string): Promise<unknown> => (await fetch(`${server.url}${path}`)).json();
    expect(await get('/')).toMatchObject({ run: 'penguins', conditions: ['species'], columns: ['sex', ...NUMBERS] });
    expect(await get('/health')).toEqual({ status: 'ok' });
    expect(await get('/model')).toMatchObject({
      columns: [{ name: 'species', kind: 'category', condition: true }, {}, {}, {}, { name: 'mass', kind: 'number' }],
    });
    const described = (await get('/openapi.json')) as { openapi: string; paths: Record<string, object> };
    expect(described.openapi).toMatch(/^3\./);
    expect(Object.keys(described.paths).sort()).toEqual(
      [
        '/',
        '/drift',
        '/explain',
        '/health',
        '/impute',
        '/metrics',
        '/model',
        '/openapi.json',
        '/probability',
        '/sample',
        '/score',
      ].sort(),
    );
    expect(JSON.stringify([await get('/'), described])).not.toContain(folder);
    expect((await fetch(`${server.url}/docs`)).headers.get('content-type')).toMatch(/html/);
  });

  it('`GET /metrics` returns the numbers of requests and rows in the format of Prometheus', async () => {
    const before = await figure(server.url, 'impflow_rows_total{route="/score"}');
    await scored(server.url, whole.slice(0, 7));
    expect(await figure(server.url, 'impflow_rows_total{route="/score"}')).toBe(before + 7);
    expect(await figure(server.url, 'process_resident_memory_bytes')).toBeGreaterThan(1e7);
    const answer = await fetch(`${server.url}/metrics`);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    const lines = (await answer.text()).trim().split('\n');
    // Every line is a comment or a sample: a name, labels, a number.
    expect(lines.filter((line) => !/^(|#.*|\w+(\{[^}]*\})? -?(\d[\d.e+-]*|Nan|[+-]?Inf))$/.test(line))).toEqual([]);
  });
});

/** Rows whose scores take long, because two numbers of each row are missing. */
const slow = whole.slice(0, 300).map((each) => ({ ...each, beak: null, depth: null }));

const row = penguins[0]!;
const JSON_TYPE = { 'content-type': 'application/json' };
const without = (name: string): Row => Object.fromEntries(Object.entries(row).filter(([own]) => own !== name));

describe('the server responds to a wrong request with a status of 4xx and a sentence', () => {
  it.each([
    ['broken JSON', '[{"beak": 39.1', JSON_TYPE, 400, /not JSON/],
    ['NaN in JSON', JSON.stringify([row]).replace('39.1', 'NaN'), JSON_TYPE, 400, /not JSON.*null/],
    ['nothing', '', JSON_TYPE, 400, /No rows in the body.*got":"nothing/],
    ['a number', '3', JSON_TYPE, 400, /No rows in the body/],
    ['null', 'null', JSON_TYPE, 400, /No rows in the body.*null/],
    ['an object without rows', '{"beak": 39.1}', JSON_TYPE, 400, /No rows in the body.*an object/],
    ['no rows', '[]', JSON_TYPE, 400, /rows|objects/],
    ['a row that is a number', JSON.stringify([row, 3]), JSON_TYPE, 400, /row 2/],
    ['a missing column', JSON.stringify([without('mass')]), JSON_TYPE, 400, /lack a column.*"mass"/],
    ['missing columns', '[{"beak": 1}]', JSON_TYPE, 400, /lack 4 columns.*species, sex, depth, mass/],
    ['no known column', '[{"other": 1}]', JSON_TYPE, 400, /lack 5 columns.*got":"other/],
    ['text for a number', JSON.stringify([row, { ...row, mass: 'heavy' }]), JSON_TYPE, 400, /"mass\\".*row 2.*heavy/],
    ['true for a number', JSON.stringify([{ ...row, mass: true }]), JSON_TYPE, 400, /mass.*row 1.*true/],
    ['a list for a cell', JSON.stringify([{ ...row, mass: [1] }]), JSON_TYPE, 400, /mass.*row 1.*an array/],
    ['a number beyond float32', JSON.stringify([row]).replace('39.1', '1e999'), JSON_TYPE, 400, /beak.*row 1/],
    [
      'CSV with a line that has too few cells',
      'species,sex,beak,depth,mass\nAdelie,MALE,39\n',
      { 'content-type': 'text/csv' },
      400,
      /./,
    ],
    [
      'CSV with text for a number',
      'species,sex,beak,depth,mass\nAdelie,MALE,1,2,x\n',
      { 'content-type': 'text/csv' },
      400,
      /mass.*line 2/,
    ],
    ['bytes of an image', '\u0000\u0001PNG', { 'content-type': 'text/csv' }, 400, /./],
    ['another content type', JSON.stringify([row]), { 'content-type': 'text/plain' }, 415, /content type.*text\/plain/],
  ] as const)('`POST /score` refuses a wrong request: %s', async (_, body, headers, status, sentence) => {
    const answer = await fetch(`${server.url}/score`, { method: 'POST', headers, body });
    const said = await answer.text();
    expect([answer.status, said]).toEqual([status, expect.stringMatching(sentence)]);
    expect(Object.keys(JSON.parse(said) as object)).toEqual(['error']);
    expect(JSON.parse(said)).toMatchObject({ error: { what: expect.stringMatching(/^\S.*[^.]$/) } });
    expect(said).not.toMatch(/node_modules|\.[jt]s:|\/tmp|\\n/);
  });

  it.each([
    ['an unknown field', { m: 3 }, 400, /no field.*n, seed/],
    ['too many', { n: 1e6, given: { species: 'Adelie' } }, 413, /Too many rows.*10000/],
    ['a broken number', { n: 1.5, given: { species: 'Adelie' } }, 400, /value of n.*whole number/],
    ['no temperature', { temperature: 0, given: { species: 'Adelie' } }, 400, /temperature.*above 0/],
    ['a large temperature', { temperature: 1e300, given: { species: 'Adelie' } }, 400, /temperature.*at most 10/],
    ['an unknown category', { given: { species: 'dodo' } }, 400, /training did not see.*Adelie.*dodo/],
    ['no condition', { n: 2 }, 400, /conditions are missing.*species/],
    ['another condition', { n: 2, given: { mass: 3 } }, 400, /mass.*not a condition/],
  ] as const)('`POST /sample` refuses %s', async (_, body, status, sentence) => {
    const answer = await post(`${server.url}/sample`, body);
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringMatching(sentence)]);
  });

  it.each([
    ['impute', 'an unknown field', { rows: [row], drawz: 2 }, 400, /no field.*rows, draws, seed, given/],
    ['impute', 'no draws', { rows: [row], draws: 0 }, 400, /value of draws.*at least 1/],
    ['impute', 'too many rows', { rows: [row], draws: 10_001 }, 413, /Too many rows/],
    ['impute', 'a wrong event', { rows: [row], given: { size: 3 } }, 400, /size/],
    ['impute', 'a number as an event', { rows: [row], given: 3 }, 400, /value of given.*an event/],
    ['drift', 'too few rows', [row], 400, /at least 10/],
    ['drift', 'a wrong rate', { rows: [row], alpha: 2 }, 400, /value of alpha/],
    ['drift', 'a path as reference', { rows: [row], reference: '/etc/passwd' }, 400, /No rows in the body/],
    ['probability', 'rows', [row], 400, /Wrong body.*event, given/],
    ['probability', 'no event', {}, 400, /value of event/],
    ['probability', 'a broken event', { event: 'mass >', given: { species: 'Adelie' } }, 400, /event/],
    ['probability', 'too many draws', { event: 'mass > 1', draws: 1e9 }, 400, /draws.*from 1000 to 100000/],
    ['probability', 'an unknown category', { event: 'sex = X', given: { species: 'Adelie' } }, 400, /X/],
    ['probability', 'no condition', { event: 'mass > 1' }, 400, /species/],
  ] as const)('`POST /%s` refuses %s', async (route, _, body, status, sentence) => {
    const answer = await post(`${server.url}/${route}`, body);
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringMatching(sentence)]);
  });

  it('the server responds with 404 to an unknown path, and with 405 to a wrong method', async () => {
    expect((await fetch(`${server.url}/nothing`)).status).toBe(404);
    const answer = await fetch(`${server.url}/score`);
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('`POST /score` ignores unknown columns, with any contents', async () => {
    const plain = await scored(server.url, [row]);
    expect(await scored(server.url, [{ ...row, other: { deep: [1] } } as unknown as Row])).toEqual(plain);
  });
});

/** Sends text to a server, and returns all that the server sends until it closes the connection. */
const rawly = (url: string, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
    let said = '';
    socket.on('data', (chunk) => (said += String(chunk)));
    socket.on('end', () => resolve(said)).on('error', reject);
  });

const POST_SCORE = 'POST /score HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\n';

/** Returns the status of a raw response, and the error in its JSON. */
const readRaw = (said: string): readonly [number, { readonly what: string }] => {
  const [head, body] = said.split('\r\n\r\n') as [string, string];
  expect(head).toMatch(/content-type: application\/json/i);
  return [Number(head.split(' ')[1]), (JSON.parse(body) as { error: { what: string } }).error];
};

/** Returns the status of `GET /health` with the header `host`. */
const statusAs = (url: string, host: string): Promise<number> =>
  new Promise((resolve, reject) => {
    request(`${url}/health`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    })
      .on('error', reject)
      .end();
  });

describe('requests that no route receives', () => {
  it.each([
    [
      'a path that cannot be decoded',
      'GET /%zz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n',
      400,
      /path is malformed/,
    ],
    [
      'a header that is too large',
      `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`,
      431,
      /header.*too large/,
    ],
    ['no HTTP', 'hello\r\n\r\n', 400, /not HTTP/],
    ['no host', 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n', 403, /Unknown host/],
  ] as const)('the server responds with JSON that describes the error: %s', async (_, text, status, what) => {
    expect(readRaw(await rawly(server.url, text))).toEqual([
      status,
      expect.objectContaining({ what: expect.stringMatching(what) }),
    ]);
  });

  it('a client that sends a body that is too large reads the response after it has sent the body', async () => {
    const body = ' '.repeat(20_000_000);
    expect(readRaw(await rawly(server.url, `${POST_SCORE}content-length: ${body.length}\r\n\r\n${body}`))).toEqual([
      413,
      expect.objectContaining({ what: 'The body is too large', expected: 'at most 10 mb' }),
    ]);
  });

  it('the server answers only requests to its own names and to the names of --allow-host', async () => {
    const { port } = new URL(server.url);
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, 'LOCALHOST', '127.0.0.2', `[::1]:${port}`])
      expect([host, await statusAs(server.url, host)]).toEqual([host, 200]);
    for (const host of [
      'evil.example',
      `evil.example:${port}`,
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '10.0.0.1',
    ])
      expect([host, await statusAs(server.url, host)]).toEqual([host, 403]);
    const { url, running } = await serve('penguins', '--host', '0.0.0.0', '--allow-host', 'model.example');
    for (const [host, status] of [
      ['model.example', 200],
      ['10.0.0.1', 200],
      ['evil.example', 403],
    ] as const)
      expect([host, await statusAs(url.replace('0.0.0.0', '127.0.0.1'), host)]).toEqual([host, status]);
    running.kill('SIGKILL');
  });
});

describe('requests that come together', () => {
  it('requests that arrive together get the same bits as single requests', async () => {
    const rows = penguins.slice(0, 20);
    const alone: Scores[] = [];
    for (const each of rows) alone.push(await scored(server.url, [each]));
    // The short requests arrive after a long request, and their rows are computed in its blocks.
    const long = scored(server.url, slow.slice(0, 10));
    const together = await Promise.all(rows.map((each) => scored(server.url, [each])));
    expect(together).toEqual(alone);
    expect(await long).toEqual(await scored(server.url, slow.slice(0, 10)));
  });

  it('a valid request does not fail because a request that arrives with it is wrong', async () => {
    const [good, bad] = await Promise.all([
      post(`${server.url}/score`, [row]),
      post(`${server.url}/score`, [{ ...row, mass: 'heavy' }]),
    ]);
    expect([good.status, bad.status]).toEqual([200, 400]);
  });
});

describe('limits', () => {
  it('the server refuses requests with too many rows or bytes, stops requests that take too long, and then continues', async () => {
    const { url, running } = await serve('penguins', '--max-rows', '300', '--max-body', '60kb', '--timeout', '0.3');
    const many = await post(
      `${url}/score`,
      Array.from({ length: 301 }, () => ({})),
    );
    expect([many.status, await many.text()]).toEqual([413, expect.stringMatching(/Too many rows.*at most 300.*301/)]);
    const large = await post(`${url}/score`, `[${' '.repeat(70_000)}]`);
    expect([large.status, await large.text()]).toEqual([413, expect.stringMatching(/too large.*60 kb/)]);
    expect(readRaw(await rawly(url, `${POST_SCORE}content-length: 100\r\n\r\n[`))).toEqual([
      408,
      expect.objectContaining({ what: 'The request does not arrive in time', expected: 'at most 0.3 s' }),
    ]);
    const long = post(`${url}/score`, slow);
    await pause(100);
    // The server handles other requests between two blocks.
    expect((await fetch(`${url}/health`)).status).toBe(200);
    expect([(await long).status, await (await long).text()]).toEqual([
      503,
      expect.stringMatching(/takes too long.*0.3 s/),
    ]);
    expect((await post(`${url}/score`, [row])).status).toBe(200);
    expect(await figure(url, 'impflow_queue_requests{route="/score"}')).toBe(0);
    running.kill('SIGKILL');
  });
});

describe('a server after a signal', () => {
  it('after a signal, a server completes the request that it is computing, and accepts no further request', async () => {
    const { url, running } = await serve('penguins', '--json');
    const answer = scored(url, slow.slice(0, 20));
    await waiting(url);
    running.kill('SIGTERM');
    // A busy server handles the signal after its current block.
    for (let open = true; open; await pause(5))
      open = await fetch(`${url}/health`, { headers: { connection: 'close' } }).then(
        () => true,
        () => false,
      );
    expect((await answer).logDensity.filter((value) => typeof value === 'number')).toHaveLength(20);
    const { code, stdout, stderr } = await running.exited;
    expect([code, JSON.parse(stdout)]).toEqual([0, { run: at('penguins'), requests: expect.any(Number), rows: 20 }]);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('after a second signal, a server ends immediately', async () => {
    const { url, running } = await serve('penguins');
    const answer = scored(url, slow).catch(() => 'cut');
    await waiting(url);
    running.kill('SIGTERM');
    await pause(500);
    running.kill('SIGTERM');
    expect((await running.exited).code).toBe(143);
    expect(await answer).toBe('cut');
  });
});

describe('a server that cannot start', () => {
  it('`serve` reports in one line that another program uses the port', async () => {
    const { code, stdout, stderr } = await start('serve', at('penguins'), '--port', new URL(server.url).port).exited;
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^\[cli\] Cannot listen at 127\.0\.0\.1, port \d+: expected a free port, got EADDRINUSE\. .*\n$/,
    );
  });

  it.each([
    [
      'a run on images',
      ['serve', at('images')],
      /is not a model of a table: expected a run on a table, got a density of images/,
    ],
    ['a run that does not exist', ['serve', '/nowhere'], /No run at \/nowhere/],
    ['an invalid port', ['serve', '.', '--port', '70000'], /--port: expected a whole number from 0 to 65535/],
    ['an invalid maximum size of a body', ['serve', '.', '--max-body', 'large'], /--max-body: expected a size/],
    ['a time limit of zero', ['serve', '.', '--timeout', '0'], /--timeout/],
  ])('`serve` exits with 2 and prints one line: %s', async (_, args, sentence) => {
    const { code, stderr } = await within(...args);
    expect([code, stderr.trim().split('\n').length]).toEqual([2, 1]);
    expect(stderr).toMatch(sentence);
  });

  it('`serve` prints a warning if other machines can reach the server', async () => {
    const { running } = await serve('penguins', '--host', '0.0.0.0');
    await until(() => /There is no authentication/.test(running.said()));
    running.kill('SIGTERM');
    expect((await running.exited).code).toBe(0);
  });
});
