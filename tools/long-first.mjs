// The order of test files: the long ones of processes and pages first, so that no long one is left at the end, and the
// many short ones of Node alone last.
import { BaseSequencer } from 'vitest/node';

/** @import { TestSpecification } from 'vitest/node' */

const LONG = ['workshop', 'services', 'browser', 'cli', 'tensorflow', 'slow'];

/** @param {TestSpecification} file */
const place = ({ project: { name, config } }) => [
  config.sequence.groupOrder,
  LONG.includes(name) ? LONG.indexOf(name) : LONG.length,
];

export default class LongFirst extends BaseSequencer {
  /**
   * @override
   * @param {TestSpecification[]} files
   */
  async sort(files) {
    return (await super.sort(files)).sort((a, b) => {
      const [[groupA, projectA], [groupB, projectB]] = [place(a), place(b)];
      return groupA - groupB || projectA - projectB;
    });
  }
}
