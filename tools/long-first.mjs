// Orders the test files: long files, which start processes or pages, run first, and the many short files run last. The
// run then does not end with one long file.
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
