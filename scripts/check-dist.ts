import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { ROOT } from './tools.ts';

// Fails when dist/ is not, byte for byte, what src/ and the locked dependencies give: what users run must
// be what reviewers read.

async function contents(folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(folder.length + 1).replaceAll('\\', '/'), await readFile(path));
  }
  return files;
}

/** Where two files part, for people. */
function firstDifference(committed: Buffer, built: Buffer): string {
  const a = committed.toString().split('\n');
  const b = built.toString().split('\n');
  const line = a.findIndex((text, index) => text !== b[index]);
  return `line ${(line < 0 ? a.length : line) + 1}, ${committed.length} bytes committed, ${built.length} built`;
}

const fresh = await mkdtemp(join(tmpdir(), 'check-dist-'));
try {
  await bundle(fresh);
  const [committed, built] = [await contents(join(ROOT, 'dist')), await contents(fresh)];
  const problems: string[] = [];
  for (const name of [...new Set([...committed.keys(), ...built.keys()])].sort()) {
    const [old, now] = [committed.get(name), built.get(name)];
    if (old === undefined) problems.push(`missing  dist/${name}`);
    else if (now === undefined) problems.push(`extra    dist/${name}`);
    else if (!old.equals(now)) problems.push(`differs  dist/${name} (${firstDifference(old, now)})`);
  }
  if (problems.length > 0) {
    console.error(
      `dist/ is not what src/ gives. Run "npm run build" and commit dist/.\n${problems.join('\n')}`,
    );
    process.exitCode = 1;
  } else {
    console.log(`dist/ is up to date: ${built.size} files.`);
  }
} finally {
  await rm(fresh, { recursive: true, force: true });
}
