/**
 * A reporter for .ci/run: it writes a line for each test when the test has ended, so that a run which is stopped can be
 * counted as well.
 */
import { appendFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

const file = process.env.REPL_WORKSHOP_COUNTS ?? '/dev/stderr';
const count = (state: string) => appendFileSync(file, `${state}\n`);

export default class Counts implements Reporter {
  onTestCaseResult(test: TestCase) {
    count(test.result().state);
  }

  /** A file that cannot be loaded, or whose hooks fail, fails without a failed test of its own. */
  onTestModuleEnd(module: TestModule) {
    if (module.state() === 'failed' && [...module.children.allTests('failed')].length === 0) count('failed');
  }
}
