import { describe, expect, it } from 'vitest';
import { parameterFlag } from '../../src/cli/parameter-flag.ts';

describe('`--param`', () => {
  it.each([
    ['lr=1e-3,3e-3', { name: 'lr', values: [0.001, 0.003] }],
    ['--blocks=4', { name: 'blocks', values: [4] }],
    [
      'hidden=37,37;64,64',
      {
        name: 'hidden',
        values: [
          [37, 37],
          [64, 64],
        ],
      },
    ],
    ['dense-blocks=1,2', { name: 'denseBlocks', values: [1, 2] }],
    [
      'solver=newton;anderson:memory=8,damping=0.9',
      { name: 'solver', values: ['newton', 'anderson:{"damping":0.9,"memory":8}'] },
    ],
    ['flip=true,false', { name: 'flip', values: [true, false] }],
    ['lr=log:1e-4:1e-2', { name: 'lr', scale: 'log', low: 1e-4, high: 1e-2 }],
    ['coeff=real:0.5:0.99', { name: 'coeff', scale: 'real', low: 0.5, high: 0.99 }],
    ['blocks=int:2:8', { name: 'blocks', scale: 'int', low: 2, high: 8 }],
    ['transform=none;log:price', { name: 'transform', values: [['none'], ['log:price']] }],
  ])('`--param` parses %s', (text, found) => {
    expect(parameterFlag(text)).toEqual(found);
  });

  it.each([
    ['lr', 'Wrong value of --param'],
    ['=3', 'Wrong value of --param'],
    ['lr=', 'Wrong value of --param'],
    ['lr=0.1,-1', 'Wrong value of --lr: expected a number above 0, got "-1"'],
    ['net=spectral,sandwhich', 'sandwich'],
    ['lr=log:1e-4:x', 'Wrong value of --lr'],
  ])('`--param` refuses %s', (text, message) => {
    expect(() => parameterFlag(text)).toThrow(message);
  });
});
