// The golden scripts through an engine: the same tally as natively. Used by Node's tests and in the browser.

/** Runs scripts, given as names and texts; gives one line for each eval that fails. */
export async function runGolden(engine, scripts) {
  const tally = { files: 0, passed: 0, failed: 0, failures: [] };
  for (const { name, text } of scripts) {
    const report = await engine.runScript(text);
    tally.files += 1;
    tally.passed += report.passed;
    tally.failed += report.failed;
    for (const c of report.cases) if (c.status === 'failed') tally.failures.push(`${name}:${c.line}: ${c.command}: ${c.problem}`);
  }
  return tally;
}
