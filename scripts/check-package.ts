import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { runChecks } from './checks.ts';
import { metadata } from './metadata.ts';
import { kilobytes, ROOT, readManifest } from './tools.ts';

// Checks what is around the code: the lock, action.yml, the types of its inputs, and what a job downloads.

/** GitHub's Marketplace takes a description of fewer characters than this. */
const DESCRIPTION_LIMIT = 125;

/** A job downloads the repository as `git archive` packs it, in bytes. */
const ARCHIVE_LIMIT = 175_000;

/** What whoever opens the archive expects in it. */
const IN_ARCHIVE = [
  'action.yml',
  'dist/index.js',
  'dist/post.js',
  'dist/licenses.txt',
  'src/main.ts',
  'docs/security.md',
  'examples/scheduled-rotation.yml',
  'LICENSE',
  'README.md',
];

runChecks('lock, action.yml, archive', {
  'every package in the lock has a checksum, and none names a registry': lock,
  'the description of the action is short enough for the Marketplace': () => {
    const { length } = metadata().description.trim();
    return length < DESCRIPTION_LIMIT
      ? []
      : [`action.yml: the description has ${length} characters; fewer than ${DESCRIPTION_LIMIT} are allowed`];
  },
  'action-types.yml has the inputs and outputs of action.yml': types,
  'the archive of the last commit is small and complete': archive,
});

interface Lock {
  packages: Record<string, { version?: string; integrity?: string; resolved?: string; link?: boolean }>;
}

function lock(): string[] {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
  const entries = Object.entries(packages).filter(([path, { link }]) => path !== '' && link !== true);
  return entries.flatMap(([path, { version, integrity, resolved }]) => [
    ...(integrity === undefined ? [`package-lock.json: ${path} ${version} has no "integrity"`] : []),
    // .npmrc leaves it out, so that the lock holds wherever the packages come from.
    ...(resolved === undefined ? [] : [`package-lock.json: ${path} has "resolved"; run "npm install" again`]),
  ]);
}

/** Read by typed clients of actions: https://github.com/typesafegithub/github-actions-typing */
function types(): string[] {
  const file = 'action-types.yml';
  const typed = parse(readFileSync(join(ROOT, file), 'utf8')) as Record<'inputs' | 'outputs', object>;
  const action = metadata();
  return (['inputs', 'outputs'] as const).flatMap((kind) => {
    const [declared, known] = [Object.keys(action[kind]), Object.keys(typed[kind] ?? {})];
    return [
      ...declared.filter((name) => !known.includes(name)).map((name) => `${file}: ${kind} lack ${name}`),
      ...known.filter((name) => !declared.includes(name)).map((name) => `${file}: ${kind} have ${name}`),
    ];
  });
}

function archive(): string[] {
  // A download of this very archive has no history to pack.
  if (!existsSync(join(ROOT, '.git'))) return [];
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: ROOT, maxBuffer: 100_000_000, stdio: ['ignore', 'pipe', 'inherit'] });
  // With the attributes of the commit, as GitHub does it, not with those of the work tree.
  const bytes = git('archive', '--format=tar.gz', `--prefix=${readManifest(ROOT).name}/`, 'HEAD').length;
  const names = namesIn(git('archive', '--format=tar', 'HEAD'));
  const missing = IN_ARCHIVE.filter((name) => !names.includes(name));
  return [
    ...(bytes > ARCHIVE_LIMIT
      ? [`the archive has ${kilobytes(bytes)}, which is more than ${kilobytes(ARCHIVE_LIMIT)}: see .gitattributes`]
      : []),
    ...missing.map((name) => `the archive lacks ${name}: see .gitattributes`),
  ];
}

/** The files in a tar archive: each has a header of 512 bytes, and its content fills whole blocks of 512. */
function namesIn(tar: Buffer): string[] {
  const names: string[] = [];
  const field = (at: number, length: number) => tar.toString('latin1', at, at + length).replace(/\0.*$/s, '');
  for (let at = 0; field(at, 100) !== ''; ) {
    names.push(field(at, 100));
    const size = Number.parseInt(field(at + 124, 12), 8);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return names;
}
