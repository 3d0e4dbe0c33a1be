import { tableText } from '../markdown.mjs';
import { measuredBy } from '../measure/page.mjs';

/** @param {number} x */
const seconds = (x) => (x >= 1 ? `${x.toPrecision(3)} s` : `${(1e3 * x).toPrecision(3)} ms`);
/** @param {number | undefined} x */
const mib = (x) => (x === undefined ? '-' : x.toFixed(0));

/** @param {import('./measure.mjs').Measured} measured */
const cells = ({ backend, capabilities, parity, loss, secondsPerStep, memory, unconverged }) => [
  backend,
  capabilities.device === 'gpu'
    ? (capabilities.renderer ?? 'a graphics device')
    : `${capabilities.threads} thread${capabilities.threads === 1 ? '' : 's'}${capabilities.kernels === undefined ? '' : `, ${capabilities.kernels}`}`,
  parity.z.toExponential(1),
  parity.logDet.toExponential(1),
  parity.gradients.toExponential(1),
  loss.toFixed(4),
  seconds(secondsPerStep),
  `${memory.tensorsAtStep10} → ${memory.tensorsAtEnd}`,
  `${mib(memory.mibAtStep10)} → ${mib(memory.mibAtEnd)}`,
  unconverged,
];

/**
 * Returns the measured parts of docs/backends.md.
 *
 * @param {readonly any[]} records One record for each backend.
 */
export const backendsTexts = (records) => {
  const results = records.filter(({ absent }) => absent === undefined);
  const absent = records.filter((record) => record.absent !== undefined);
  return {
    from: measuredBy('backends', results),
    backends: [
      tableText(
        [
          'backend',
          'computes on',
          'z',
          'log det',
          'gradients',
          'loss, nats',
          'a step',
          'tensors',
          'MiB',
          'not converged',
        ],
        results.map(cells),
      ),
      ...absent.map((record) => `\nNot run: ${record.job}: ${record.absent}`),
    ].join('\n'),
  };
};
