import { readFile, stat } from 'node:fs/promises';
import { type FileContent, readEnvFile, readKeyValueFile } from './files.ts';
import type { FileName, StepFiles } from './folder.ts';
import type { StepLog } from './log.ts';
import type { StepResult } from './result.ts';

/** The runner uploads no summary larger than this, in bytes. */
const SUMMARY_LIMIT = 1024 * 1024;

/** What is read from the files after a step. */
export type Collected = Pick<
  StepResult,
  'fileErrors' | 'outputs' | 'env' | 'state' | 'paths' | 'summary' | 'rawSummary'
>;

/** What is left of a step whose machine was lost. */
export const NOTHING: Collected = {
  ...{ fileErrors: [], outputs: {}, env: {}, state: {}, paths: [] },
  ...{ summary: '', rawSummary: '' },
};

/** Reads the files of a step, however it ended. What is wrong with them goes into the log. */
export async function collect(files: StepFiles, log: StepLog): Promise<Collected> {
  const fileErrors: string[] = [];
  const entries = async (name: FileName, read: (text: string) => FileContent) => {
    const { entries, error } = read(await textOf(files[name]));
    if (error !== undefined) {
      fileErrors.push(error);
      log.complain(`Unable to process file command '${name}' successfully.`);
      log.complain(error);
    }
    return entries;
  };
  const rawSummary = await textOf(files.summary);
  return {
    env: await entries('env', readEnvFile),
    paths: (await textOf(files.path)).split(/\r?\n/).filter((line) => line !== ''),
    state: await entries('state', readKeyValueFile),
    outputs: await entries('output', readKeyValueFile),
    fileErrors,
    summary: uploaded(rawSummary, log),
    rawSummary,
  };
}

/** A file that is missing, or no regular file, counts as empty. */
async function textOf(path: string | undefined): Promise<string> {
  if (path === undefined) return '';
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? await readFile(path, 'utf8') : '';
}

function uploaded(summary: string, log: StepLog): string {
  if (Buffer.byteLength(summary) > SUMMARY_LIMIT) return '';
  return summary
    .split('\n')
    .map((line) => log.masker.mask(line))
    .join('\n');
}
