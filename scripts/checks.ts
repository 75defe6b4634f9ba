/** Checks by what has to hold; each gives the problems that it found, one line each. */
export type Checks = Readonly<Record<string, () => readonly string[]>>;

/** Runs all of them, prints every problem, and makes the process exit with 1 if there is any. */
export function runChecks(what: string, checks: Checks): void {
  const problems = Object.values(checks).flatMap((check) => check());
  if (problems.length > 0) {
    console.error(problems.join('\n'));
    process.exitCode = 1;
  } else {
    console.log(`${what}: ${Object.keys(checks).length} checks`);
  }
}
