import { beforeEach, describe, expect, it } from 'vitest';
import { GitHub } from '../../../src/github/client.ts';
import { createVariable, deleteVariable, hasVariable, putVariable } from '../../../src/github/variables.ts';
import { answer, type FakeGitHub, REPO, storeOf, world } from './support.ts';

const STORE = storeOf('repository');
const ORG = storeOf('organization:octo-org');
const DEPENDABOT = storeOf('dependabot');
const PATH = `/repos/${REPO}/actions/variables`;

let github: GitHub;
let http: FakeGitHub;

beforeEach(() => {
  const given = world({ maxAttempts: 1 });
  http = given.http;
  github = new GitHub(given.access);
});

const bodies = () => http.sent.map(({ request }) => JSON.parse(request.body ?? 'null'));

describe('whether a variable is there', () => {
  it.each([true, false])('%s', async (isThere) => {
    if (isThere) http.variables.set(`${PATH}/EXP`, '');
    expect(await hasVariable(github, STORE, 'EXP')).toBe(isThere);
    expect(http.lines).toEqual([`GET ${PATH}/EXP`]);
  });

  it('says what it is where it is refused', async () => {
    http.on(/./, answer(403));
    await expect(hasVariable(github, STORE, 'EXP')).rejects.toMatchObject({
      message:
        'Reading the variable EXP of the store `repository@octo-org/octo-repo` failed: GitHub returned HTTP 403.',
      remedy: expect.stringContaining('"Variables: write"'),
    });
  });
});

describe('creating a variable', () => {
  it('says whether it was created', async () => {
    expect(await createVariable(github, STORE, 'EXP', 'v', 'extra')).toBe(true);
    expect(await createVariable(github, STORE, 'EXP', 'w', 'extra')).toBe(false);
    expect(http.lines).toEqual([`POST ${PATH}`, `POST ${PATH}`]);
    expect(bodies()[0]).toEqual({ name: 'EXP', value: 'v' });
    expect(http.variables.get(`${PATH}/EXP`)).toBe('v');
  });

  it('makes that of an organization private', async () => {
    await createVariable(github, ORG, 'EXP', 'v', 'extra');
    expect(bodies()).toEqual([{ name: 'EXP', value: 'v', visibility: 'private' }]);
  });

  it('says what it is where it is refused', async () => {
    http.on(/./, answer(404));
    await expect(createVariable(github, STORE, 'EXP', 'v', 'extra')).rejects.toThrow(
      'Writing the variable EXP of the store `repository@octo-org/octo-repo` failed: GitHub returned HTTP 404.',
    );
  });

  it('has the manner that it is given', async () => {
    const given = world();
    given.signals.send('SIGINT');
    const stopped = new GitHub(given.access);
    await expect(createVariable(stopped, STORE, 'EXP', 'v', 'record')).rejects.toMatchObject({
      stopped: true,
    });
    await expect(createVariable(stopped, STORE, 'EXP', 'v', 'extra')).resolves.toBe(true);
  });
});

describe('writing a variable', () => {
  it.each([
    ['one that is there', true, true, [`PATCH ${PATH}/EXP`]],
    ['one that is not', false, false, [`POST ${PATH}`]],
    ['one that was deleted meanwhile', true, false, [`PATCH ${PATH}/EXP`, `POST ${PATH}`]],
    ['one that was created meanwhile', false, true, [`POST ${PATH}`, `PATCH ${PATH}/EXP`]],
  ])('%s', async (_what, exists, isThere, lines) => {
    if (isThere) http.variables.set(`${PATH}/EXP`, 'old');
    await putVariable(github, STORE, 'EXP', 'new', exists);
    expect(http.lines).toEqual(lines);
    expect(http.variables.get(`${PATH}/EXP`)).toBe('new');
    expect(bodies()).toEqual(lines.map(() => ({ name: 'EXP', value: 'new' })));
  });

  it('goes on in a run that has stopped', async () => {
    const given = world();
    given.signals.send('SIGINT');
    await putVariable(new GitHub(given.access), STORE, 'EXP', 'v', true);
    expect(given.http.lines).toEqual([`PATCH ${PATH}/EXP`, `POST ${PATH}`]);
  });

  it('fails where it was created and deleted meanwhile', async () => {
    http.on('POST.*', answer(409));
    await expect(putVariable(github, STORE, 'EXP', 'v', false)).rejects.toThrow(
      'Writing the variable EXP of the store `repository@octo-org/octo-repo` failed: GitHub returned HTTP 404.',
    );
  });
});

describe('deleting a variable', () => {
  it.each([true, false])('that is there: %s', async (isThere) => {
    if (isThere) http.variables.set(`${PATH}/EXP`, '');
    await deleteVariable(github, STORE, 'EXP');
    expect(http.lines).toEqual([`DELETE ${PATH}/EXP`]);
    expect(http.variables.size).toBe(0);
  });

  it('says what it is where it is refused', async () => {
    http.on(/./, answer(403));
    await expect(deleteVariable(github, STORE, 'EXP')).rejects.toThrow(
      'Deleting the variable EXP of the store `repository@octo-org/octo-repo` failed: GitHub returned HTTP 403.',
    );
  });

  it('is done in a cancelled run, in three seconds', async () => {
    const given = world();
    given.signals.send('SIGINT');
    await deleteVariable(new GitHub(given.access), STORE, 'EXP');
    expect(given.http.sent[0]?.options.timeoutMs).toBe(3_000);
  });
});

it('a store that has no variables is asked nothing', async () => {
  expect(await hasVariable(github, DEPENDABOT, 'EXP')).toBe(false);
  expect(await createVariable(github, DEPENDABOT, 'EXP', 'v', 'extra')).toBe(false);
  await putVariable(github, DEPENDABOT, 'EXP', 'v', true);
  await deleteVariable(github, DEPENDABOT, 'EXP');
  expect(http.sent).toEqual([]);
});
