import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROOT } from './tools.ts';

/** The part of action.yml that the documentation repeats. */
export interface Metadata {
  description: string;
  inputs: Record<string, { description: string; default?: string; required?: boolean }>;
  outputs: Record<string, { description: string }>;
}

export function metadata(): Metadata {
  return parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as Metadata;
}
