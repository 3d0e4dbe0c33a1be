// Prints the last line of a test run, for other tools to read: `N passed, N failed, N skipped`.
export default class ClosingLine {
  /** @param {readonly import('vitest/node').TestModule[]} modules */
  onTestRunEnd(modules) {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state] += 1;
      if (module.errors().length > 0) count.failed += 1;
    }
    process.on('exit', () => {
      // tools/vitest.mjs sets IMPFLOW_NOTICE, which lists missing programs of this machine. Tests that need them are
      // not counted.
      if (process.env.IMPFLOW_NOTICE) console.log(`\n${process.env.IMPFLOW_NOTICE}\n`);
      console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
    });
  }
}
