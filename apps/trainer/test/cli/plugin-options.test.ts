import { methodSpec, methodText } from 'impflow/run';
import { describe, expect, it } from 'vitest';
import { fixture, within } from './harness.ts';

const refused = async (...options: readonly string[]): Promise<string> => {
  const { code, stderr } = await within(
    'train',
    '--data',
    'moons',
    '--steps',
    '1',
    '--batch',
    '10',
    '--hidden',
    '4',
    '--blocks',
    '1',
    '--workers',
    '1',
    '--quiet',
    '--backend',
    'cpu',
    ...options,
  );
  expect([code, stderr.trimEnd().split('\n').length]).toEqual([2, 1]);
  return stderr.trimEnd();
};

describe('options of a plugin on the command line', () => {
  it('options of a method can be written as pairs or as JSON, with the same result', () => {
    const spec = { name: 'rre', options: { k: 8, way: 'full', safe: true, list: '[1' } };
    expect(methodSpec('solver', 'rre:k=8, way=full,safe=true,list=[1')).toEqual(spec);
    expect(methodSpec('solver', 'rre:{"list":[1,2],"k":8}')).toEqual({ name: 'rre', options: { k: 8, list: [1, 2] } });
    expect(methodSpec('solver', 'rre')).toEqual({ name: 'rre' });
    expect(methodText(spec)).toBe('rre:{"k":8,"list":"[1","safe":true,"way":"full"}');
  });

  it.each<readonly [string, readonly string[], string]>([
    [
      'nothing after the colon',
      ['--solver', 'anderson:'],
      '[impflow/fit] Wrong options in --solver: anderson:: expected key=value, got "". ' +
        'Write anderson:key=value,key=value or anderson:{"key": value}.',
    ],
    ['no value', ['--logdet', 'series:terms'], 'expected key=value, got "terms".'],
    ['an option given twice', ['--adjoint', 'direct:rtol=1,rtol=2'], 'expected each option once, got rtol twice.'],
    [
      'broken JSON',
      ['--base', 'mixture:{"components":'],
      '[impflow/fit] Wrong options in --base: mixture:{"components":: expected a JSON object, got ',
    ],
    [
      'an option that the program sets',
      ['--base', 'normal:dim=3'],
      'expected an option of the method, got dim, which the program sets.',
    ],
    [
      'an unknown option of a solver',
      ['--solver', 'anderson:memry=8'],
      '[impflow/fit] The solver anderson has no option memry: expected one of memory, damping, regularization, got "memry". Did you mean "memory"?',
    ],
    [
      'an unknown option of an adjoint solver',
      ['--adjoint', 'direct:maxdim=3'],
      '[impflow/fit] The adjoint solver direct has no option maxdim: expected one of maxDim, rtol, got "maxdim". Did you mean "maxDim"?',
    ],
    [
      'an unknown option of an estimator',
      ['--logdet', 'series:words=8'],
      '[impflow/fit] The log-det estimator series has no option words: expected one of terms, gradient, probe, probes, got "words".',
    ],
    [
      'an unknown option of a solver of a plugin',
      ['--plugin', fixture('plugin.mjs'), '--solver', 'relaxed:steps=0.5'],
      '[impflow/fit] The solver relaxed has no option steps: expected one of step, got "steps". Did you mean "step"?',
    ],
    [
      'an unknown option of an activation',
      ['--activation', 'leakyRelu:slop=0.2'],
      '[impflow/fit] The activation leakyRelu has no option slop: expected one of slope, got "slop". Did you mean "slope"?',
    ],
    [
      'an unknown option of a base density',
      ['--base', 'studentT:doff=3'],
      '[impflow/fit] The base density studentT has no option doff: expected one of dof, got "doff". Did you mean "dof"?',
    ],
    [
      'an unknown option of a block',
      ['--plugin', fixture('plugin.mjs'), '--model', 'plain:width=3'],
      '[impflow/fit] The block plain has no option width: expected no options, got "width". Leave it out.',
    ],
    [
      'an option of a built-in model, which has none',
      ['--model', 'implicit:width=3'],
      '[impflow/fit] The model implicit has no options: expected implicit, got implicit:{"width":3}.',
    ],
    [
      'an option of the fitted base density, which has none',
      ['--base', 'fitted:components=3'],
      '[impflow/fit] The base fitted has no options: expected fitted, got fitted:{"components":3}.',
    ],
    [
      'a value of the wrong type for a solver',
      ['--solver', 'anderson:damping="0.5"'],
      '[solvers/anderson] Wrong damping: expected a number in (0, 1], got "0.5".',
    ],
    [
      'an unknown name as the value of an option',
      ['--logdet', 'series:gradient=own'],
      '[logdet/powerSeries] Unknown gradient: expected neumann or series, got "own".',
    ],
    [
      'a value of the wrong type for an activation',
      ['--activation', 'celu:alpha=large'],
      '[lipschitz/celu] Wrong alpha: expected a positive number, got "large".',
    ],
    [
      'a number that is too large for a checkpoint',
      ['--solver', 'anderson:memory=20000'],
      '[impflow/fit] Wrong memory of anderson: expected a whole number from 0 to 10000, got 20000.',
    ],
    [
      'an unknown name of a method with options',
      ['--solver', 'andersen:memory=8'],
      'Unknown value of --solver: expected one of fixed-point, anderson, broyden, newton, ' +
        'quasi-newton, got "andersen". Did you mean "anderson"?',
    ],
  ])('are refused: %s', async (_what, options, message) => {
    expect(await refused(...options)).toContain(message);
  });
});
