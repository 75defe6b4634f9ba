import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');

/** A claim of docs/stores.md, word for word, and the tests that hold it up: file, and part of a title there. */
type Claim = [claim: string, ...tests: [file: string, title: string][]];

const FAN_OUT = 'test/e2e-stores/fan-out.test.ts';
const STALE = 'test/e2e/stale-token.test.ts';
const EXAMPLES = 'test/e2e-stores/examples.test.ts';
const PERMISSIONS = 'test/e2e-stores/permissions.test.ts';
const ORGANIZATION = 'test/e2e-stores/organization.test.ts';

const BOTH_ROTATE = 'with an environment both rotate, each from the token that the other left';
const SECOND_REFUSED = 'with the repository the second is refused as stale, unspent; a re-run reads afresh';
const MATRIX = 'each job of the matrix reads the fresh token from the environment';
const OLD_SECRETS =
  'with repository secrets the jobs of the matrix see what was there when the run was queued';

const CLAIMS: Claim[] = [
  ['Keep the refresh token in an environment, and rotate one run at a time.', [FAN_OUT, BOTH_ROTATE]],
  [
    '| the repository, the organization, Dependabot | when the run is queued |',
    [STALE, 'a repository secret is read when the run is queued'],
    [STALE, 'a secret of Dependabot is read when the run is queued, too'],
  ],
  [
    '| an environment | when a job that names the environment starts |',
    [STALE, 'an environment secret is read when the job starts'],
  ],
  [
    'A re-run reads all of them afresh.',
    [FAN_OUT, SECOND_REFUSED],
    [STALE, 'a re-run reads the secret afresh'],
  ],
  [
    'A job that names no environment gets none of its secrets.',
    [FAN_OUT, 'gives a job that names no environment none of its secrets'],
  ],
  ['A refresh token works once.', ['test/emulators/cobo.test.ts', 'replay']],
  ['With a concurrency group, a second run waits while the first one rotates.', [FAN_OUT, SECOND_REFUSED]],
  [
    'It read the repository secret before that, when it was queued, so it now holds a spent token.',
    [FAN_OUT, SECOND_REFUSED],
  ],
  [
    'The action notices, refuses to use it, and spends nothing; the run has failed all the same.',
    [FAN_OUT, SECOND_REFUSED],
  ],
  ['With an environment, the job of the second run has not started.', [FAN_OUT, BOTH_ROTATE]],
  ['It reads the token that the first run stored, and goes on.', [FAN_OUT, BOTH_ROTATE]],
  [
    'An environment needs the concurrency group, too: of two jobs that start together, one mostly comes too late and is refused; but if both check at the same moment, one of them sends a spent token.',
    [FAN_OUT, 'without a concurrency group the environment still refuses the one that comes too late'],
  ],
  [
    '`queue: max` lets all runs have their turn; without it GitHub cancels all that wait but the newest.',
    [FAN_OUT, 'all have their turn with `queue: max`'],
    [FAN_OUT, 'of those that wait the newest alone has it without'],
  ],
  [
    'A run that writes to a repository or organization secret after a minute or more in the queue gets a warning.',
    ['test/e2e-stores/long-queue.test.ts', 'and writes to %s is warned once'],
  ],
  [
    'A later job of the same run reads an environment afresh: there it finds the access token that an earlier job stored.',
    [FAN_OUT, MATRIX],
  ],
  [
    'As an output the token would not arrive, because GitHub drops outputs that hold a secret.',
    [FAN_OUT, 'an output does not bring the token into another job'],
  ],
  [
    'In a repository secret it would not arrive either, because that was read when the run was queued.',
    [FAN_OUT, OLD_SECRETS],
  ],
  [
    '| `environment:NAME` | Environments: write | Environments: write |',
    [PERMISSIONS, '%s is enough, and is needed'],
  ],
  [
    '| `repository` | Secrets: write | Variables: write |',
    [PERMISSIONS, '%s is enough, and is needed'],
    [PERMISSIONS, '%s for the expiry is needed, too'],
  ],
  [
    '| `organization:NAME` | Organization secrets: write | Organization variables: write |',
    [PERMISSIONS, '%s is enough, and is needed'],
    [PERMISSIONS, '%s for the expiry is needed, too'],
  ],
  [
    '| `dependabot` | Dependabot secrets: write | (has none) |',
    [PERMISSIONS, '%s is enough, and is needed'],
    ['test/e2e-stores/dependabot.test.ts', 'the expiry is left out without a word'],
  ],
  [
    'They are permissions of a fine-grained token or a GitHub App, given as `github-token`.',
    [PERMISSIONS, '%s is enough, and is needed'],
    [EXAMPLES, 'github-app-writer'],
  ],
  ["The workflow's own `GITHUB_TOKEN` can have none of them.", [PERMISSIONS, "the workflow's own token"]],
  [
    'Add "Actions: read" on the workflow\'s repository: without it the action cannot ask when the run was queued, and an update between then and the start of the job goes unnoticed.',
    [STALE, "where the run cannot be read, the job's start counts: an update before it goes unnoticed"],
  ],
  ['- **Environment**: for the refresh token, whenever you can.', [FAN_OUT, BOTH_ROTATE]],
  [
    '- **Repository**: where there are no environments.',
    ['test/e2e/rotation.test.ts', 'is repeated three times'],
  ],
  ['Run a refused job again.', [FAN_OUT, SECOND_REFUSED]],
  [
    '- **Organization**: for jobs in many repositories.',
    [ORGANIZATION, 'keeps its %i selected repositories'],
  ],
  [
    'The visibility of an existing secret is kept, and a new one is private.',
    [ORGANIZATION, 'keeps the visibility %s'],
    [ORGANIZATION, 'is private when it is new'],
  ],
  ['- **Dependabot**: beside another store, for runs that Dependabot starts.', [EXAMPLES, 'dependabot']],
  ['They see no other secrets.', [EXAMPLES, 'a run that Dependabot starts sees no other secrets']],
  [
    'Every store that you name receives every value.',
    ['test/e2e-stores/mixed-stores.test.ts', 'hold the same tokens'],
  ],
  [
    'With several stores a run is as stale as the first of them that was read.',
    ['test/e2e-stores/mixed-stores.test.ts', 'are as stale as the first of them that is read'],
  ],
];

/** What says nothing about the world. */
const NO_CLAIMS = [
  'The rest of this page says why.',
  '| secret of | is read |',
  '| store | secrets | expiry variable |',
];

/** Sentences and rows of the page, without headings and code, however wide its tables are set. */
function statements(page: string): string[] {
  return page
    .replace(/^```[\s\S]*?^```$/gm, '')
    .split('\n')
    .filter((line) => line !== '' && !/^(#|\| ?---)/.test(line))
    .flatMap((line) =>
      line.startsWith('|') ? [line.replace(/ {2,}/g, ' ')] : line.split(/(?<=\.) (?=[A-Z`])/),
    );
}

describe('docs/stores.md', () => {
  const page = read('docs/stores.md');

  it('says nothing that no test holds up', () => {
    const known = new Set([...CLAIMS.map(([claim]) => claim), ...NO_CLAIMS]);
    expect(statements(page).filter((statement) => !known.has(statement))).toEqual([]);
  });

  it.for(CLAIMS)('%s', ([claim, ...tests]) => {
    expect(statements(page)).toContain(claim);
    expect(tests).not.toEqual([]);
    for (const [file, title] of tests) expect(read(file), `${file}: ${title}`).toContain(title);
  });

  it('shows a working example: lines of an example that is run', () => {
    const [, shown = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(page) ?? [];
    const source = read('examples/scheduled-rotation.yml');
    const lines = source.split('\n').map((line) => line.trimEnd());
    for (const line of shown.split('\n').filter((one) => one !== '')) expect(lines).toContain(line);
  });
});
