import { FlowError } from '@impflow/core';
import { CommanderError } from 'commander';
import { duration, number, withError } from 'impflow/run';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { exitCode, asKnownError, printError } from '../../src/terminal/errors.ts';
import { note } from '../../src/terminal/output.ts';
import { progressDisplay } from '../../src/terminal/progress.ts';
import { table } from '../../src/terminal/table.ts';
import { wrapped } from '../../src/terminal/wrapped.ts';

/** A stream that collects the written text. */
const paper = (isTTY = false): { isTTY: boolean; text: string; write(text: string): void } => ({
  isTTY,
  text: '',
  write(text) {
    this.text += text;
  },
});

afterEach(() => vi.unstubAllEnvs());

describe('progress', () => {
  it('without a terminal, the progress display prints a line every ten percent and for the last step', () => {
    let now = 0;
    const stream = paper();
    const report = progressDisplay({ total: 20, stream, clock: () => now });
    for (let step = 1; step <= 5; step++) {
      now = 1000 * step;
      report.update({
        step,
        loss: 4 - step / 8,
        rows: 500 * step,
        ...(step === 3 ? { validation: { nats: 3.71234, standardError: 0.0123 } } : {}),
      });
    }
    report.stop();
    report.stop();
    expect(stream.text).toBe(
      [
        'step 2/20 (10 %)  loss 3.750  500 rows/s  0:18 left',
        'step 4/20 (20 %)  loss 3.500  validation 3.712 ± 0.012  500 rows/s  0:16 left',
        'step 5/20 (25 %)  loss 3.375  validation 3.712 ± 0.012  500 rows/s  0:15 left',
        '',
      ].join('\n'),
    );
  });

  it('for slow steps, the progress display prints a line every ten seconds; only new steps count for the remaining time of a resumed run', () => {
    let now = 0;
    const stream = paper();
    const report = progressDisplay({ total: 1000, start: 600, stream, clock: () => now });
    for (let step = 601; step <= 605; step++) report.update({ step, loss: 1, ...((now += 4000), {}) });
    expect(stream.text).toBe('step 603/1000 (60 %)  loss 1.000  26:28 left\n');
  });

  it('the last step is printed once, also if an estimate took an earlier step for the last', () => {
    const stream = paper();
    let total = 2;
    const report = progressDisplay({ total: () => total, stream, clock: () => 0 });
    report.update({ step: 2, loss: 1 });
    total = 3;
    report.update({ step: 3, loss: 1 });
    report.stop();
    expect(stream.text).toBe('step 3/3 (100 %)  loss 1.000  0:00 left\n');
  });

  it('of a training with a time limit, the display shows the share of the time, which never falls, and no number of steps', () => {
    const [stream, terminal] = [paper(), paper(true)];
    let total = 0;
    const displays = [stream, terminal].map((to) =>
      progressDisplay({ total: () => total, stream: to, clock: () => 0 }),
    );
    for (const [step, steps, share] of [
      [1, 20, 0.05],
      [8, 20, 0.4],
      [10, 50, 0.2],
      [24, 45, 0.53],
      [41, 62, 0.66],
    ] as const) {
      total = steps;
      for (const display of displays) display.update({ step, loss: 1, share });
    }
    for (const display of displays) display.stop();
    expect(stream.text.match(/step .* %\)/g)).toEqual(['step 8 (40 %)', 'step 24 (53 %)', 'step 41 (66 %)']);
    expect(terminal.text).toContain(`${'█'.repeat(13)}${'░'.repeat(7)} step 41  loss 1.000`);
  });

  it('the progress display prints nothing if the option `quiet` is set', () => {
    const stream = paper();
    const report = progressDisplay({ total: 2, quiet: true, stream });
    report.update({ step: 2, loss: 1 });
    report.stop();
    expect(stream.text).toBe('');
  });

  it('on a terminal, the progress display draws a bar and restores the cursor', () => {
    const stream = paper(true);
    const report = progressDisplay({ total: 4, stream });
    report.update({ step: 1, loss: 3.25 });
    report.update({ step: 4, loss: 3, validation: { nats: 3.1, standardError: 0.2 } });
    report.stop();
    expect(stream.text).toContain('1/4  loss 3.250');
    expect(stream.text).toContain('█'.repeat(20));
    expect(stream.text).toContain('4/4  loss 3.000  validation 3.100 ± 0.200');
    expect(stream.text.lastIndexOf('\u001B[?25h')).toBeGreaterThan(stream.text.lastIndexOf('\u001B[?25l'));
  });

  it('`duration` formats seconds as minutes and seconds, or with hours', () =>
    expect([0, 59.6, 185, 3723, -1].map(duration)).toEqual(['0:00', '1:00', '3:05', '1:02:03', '0:00']));
});

describe('remarks', () => {
  const text = 'A remark of many words, which is longer than a line of the terminal.';

  it('on a terminal, a long remark is broken between words; in a file, it stays one line', () => {
    const [terminal, file] = [{ ...paper(true), columns: 30 }, paper()];
    note({}, text, terminal);
    note({}, text, file);
    expect(file.text).toBe(`${text}\n`);
    expect(terminal.text).toBe('A remark of many words, which\n  is longer than a line of the\n  terminal.\n');
  });

  it('lines that fit keep their spaces, and a word that is longer than a line is not broken', () => {
    expect(wrapped('a   b\nabcdefgh ij', 6)).toBe('a   b\nabcdefgh\nij');
    expect(wrapped('one two', 7)).toBe('one two');
  });

  it('a number has as many decimals as its standard error, which has two significant digits', () => {
    expect([
      withError(6.17861, 0.0204),
      withError(26.3049, 0.1132),
      withError(-0.00012, 0.0997),
      withError(31.6, 12.3),
      withError(1234.5, 250),
      withError(2, 0),
      withError(2, NaN),
    ]).toEqual(['6.179 ± 0.020', '26.30 ± 0.11', '0.00 ± 0.10', '32 ± 12', '1,235 ± 250', '2 ± 0', '2 ± NaN']);
  });
});

describe('table', () => {
  it('a table right-aligns numbers and left-aligns strings', () => {
    expect(
      table(
        {
          head: ['', 'flow', 'Gaussian'],
          rows: [
            ['held-out nats', -3.69123, -4.2],
            ['rows', 12500, 12500],
            ['round trip', 1.25e-6, '-'],
          ],
        },
        paper(),
      ),
    ).toBe(
      [
        '                  flow  Gaussian',
        'held-out nats   -3.691    -4.200',
        'rows            12,500    12,500',
        'round trip     1.25e-6         -',
      ].join('\n'),
    );
    expect(
      table(
        {
          rows: [
            ['a', 'long text'],
            ['bcd', 'x'],
          ],
        },
        paper(),
      ),
    ).toBe('a    long text\nbcd  x');
    expect(table({ rows: [] }, paper())).toBe('');
  });

  it('a table has colors only on a terminal, unless `NO_COLOR` is set', () => {
    vi.stubEnv('NO_COLOR', '');
    expect(table({ head: ['a'], rows: [['b']] }, paper(true))).toBe('\u001B[1ma\u001B[22m\nb');
    vi.stubEnv('NO_COLOR', '1');
    expect(table({ head: ['a'], rows: [['b']] }, paper(true))).toBe('a\nb');
  });

  it('`number` formats numbers with few significant digits', () => {
    expect(
      [0, 3, 1234567, 0.98765, 123.456, -0.5, 1e-4, 1.5e-7, 2e9, Number.NaN, Infinity, -Infinity, undefined].map((x) =>
        number(x),
      ),
    ).toEqual([
      '0',
      '3',
      '1,234,567',
      '0.9877',
      '123.5',
      '-0.5000',
      '1e-4',
      '1.5e-7',
      '2e9',
      'NaN',
      'infinity',
      '-infinity',
      '-',
    ]);
    expect([number(3.14159, 2), number(1234.5, 2), number(0.0123, 2)]).toEqual(['3.1', '1,235', '0.012']);
  });
});

describe('errors', () => {
  it('errors have documented exit codes', () => {
    for (const code of ['shape', 'option', 'input', 'registry', 'checkpoint', 'unsupported'] as const)
      expect(exitCode(new FlowError(code, 'a/b', 'What'))).toBe(2);
    expect(exitCode(new FlowError('convergence', 'a/b', 'What'))).toBe(1);
    expect(exitCode(AbortSignal.abort().reason)).toBe(130);
    expect(exitCode(new CommanderError(1, 'commander.unknownOption', 'unknown option'))).toBe(2);
    expect(exitCode(new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)'))).toBe(0);
    expect([new Error('x'), 'x', undefined, null].map(exitCode)).toEqual([1, 1, 1, 1]);
  });

  it('errors are printed as one line; a stack trace follows only for faults of the program', () => {
    const stream = paper();
    printError(new FlowError('input', 'data/csv', 'Ragged\n  row 3'), stream);
    expect(stream.text).toBe('[data/csv] Ragged row 3.\n');
    stream.text = '';
    printError(new TypeError('x is not a function'), stream);
    expect(stream.text).toMatch(/^\[cli\] Unexpected error: x is not a function\n +at /);
    stream.text = '';
    const broken = new FlowError('plugin', 'solvers/solve', 'The solver "mine" failed in step: x is not a function', {
      cause: new TypeError('x is not a function'),
    });
    printError(broken, stream);
    expect([stream.text, exitCode(broken)]).toEqual([
      expect.stringMatching(/^\[solvers\/solve\] The solver "mine" failed in step: x is not a function\.\n +at /),
      1,
    ]);
  });

  it('a block that runs out of memory is reported as a lack of memory', () => {
    const cause = new RangeError('Array buffer allocation failed');
    expect(
      asKnownError(
        new FlowError(
          'plugin',
          'flows/chain',
          'The bijector "implicitBlock" failed in forward: Array buffer allocation failed',
          { cause },
        ),
      ),
    ).toMatchObject({ code: 'unsupported', message: expect.stringContaining('Not enough memory') as unknown });
    const other = new FlowError('plugin', 'a/b', 'What', { cause: new TypeError('x') });
    expect(asKnownError(other)).toBe(other);
  });
});
