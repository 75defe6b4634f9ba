import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** The path of a file in docs/. */
export function docs(name: string): string {
  return fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
}

/** Replaces what stands between `<!-- name: begin -->` and `<!-- name: end -->` in a page of docs/. */
export async function replaceInPage(page: string, name: string, text: string): Promise<void> {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const old = await readFile(docs(page), 'utf8');
  const [from, to] = [old.indexOf(begin), old.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/${page} has no place for "${name}"`);
  await writeFile(docs(page), `${old.slice(0, from)}${begin}\n\n${text}\n\n${old.slice(to)}`);
}

/** A table in Markdown; columns after the first are right-aligned where `align` says so. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], numbers: number): string {
  const rule = head.map((_, index) => (index > 0 && index <= numbers ? '--:' : '---'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
