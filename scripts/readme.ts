import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { metadata } from './metadata.ts';
import { readOptions } from './options.ts';
import { ROOT } from './tools.ts';

/** The README, as it is and as action.yml wants it. */
export function readme(): { committed: string; wanted: string } {
  const action = metadata();
  const committed = readFileSync(join(ROOT, 'README.md'), 'utf8').replaceAll('\r\n', '\n');
  const inputs = Object.entries(action.inputs).map(([name, input]) => [
    code(name),
    input.required ? 'required' : input.default === undefined ? '' : code(input.default),
    input.description,
  ]);
  const outputs = Object.entries(action.outputs).map(([name, { description }]) => [code(name), description]);
  const wanted = between(
    between(committed, 'inputs', table(['input', 'default', 'meaning'], inputs)),
    'outputs',
    table(['output', 'meaning'], outputs),
  );
  return { committed, wanted };
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function cell(text: string): string {
  return text.trim().replaceAll('|', '\\|').replace(/\s+/g, ' ');
}

/** `text` with what stands between the markers of that name replaced. */
function between(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const parts = text.split(begin);
  const [before, rest] = parts;
  const after = rest?.split(end)[1];
  if (parts.length !== 2 || before === undefined || after === undefined)
    throw new Error(`README.md has no markers for "${name}", or has them twice`);
  return `${before}${begin}\n\n${content}\n\n${end}${after}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  readOptions({
    command: 'npm run docs --',
    about: 'Writes the tables of inputs and outputs in README.md from action.yml.',
    options: {},
  });
  writeFileSync(join(ROOT, 'README.md'), readme().wanted);
}
