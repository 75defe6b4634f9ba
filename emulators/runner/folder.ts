import { mkdir, mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The files through which a step tells the runner something. */
export type FileName = 'output' | 'env' | 'state' | 'path' | 'summary';

/** The value of each file's variable; an undefined one is not set. */
export type StepFiles = Record<FileName, string | undefined>;

/**
 * What may be wrong with one of these files.
 * - `unset`: its variable is not set
 * - `gone`: it lies in a folder that does not exist
 * - `full`: the disk is full (Linux only)
 * - `unwritable`: it cannot be opened for writing, not even by root
 */
export type FileTrouble = 'unset' | 'gone' | 'full' | 'unwritable';

const PREFIX: Record<FileName, string> = {
  output: 'set_output',
  env: 'set_env',
  state: 'save_state',
  path: 'add_path',
  summary: 'step_summary',
};

const NAMES = Object.keys(PREFIX) as FileName[];

/** The folders of one job, laid out as the runner lays them out. */
export class JobFolder {
  readonly root: string;
  readonly home: string;
  readonly workspace: string;
  /** `RUNNER_TEMP`. */
  readonly temp: string;
  /** `GITHUB_EVENT_PATH`. */
  readonly event: string;
  readonly #workflow: string;
  readonly #commands: string;
  #steps = 0;

  private constructor(root: string) {
    this.root = root;
    this.home = join(root, 'home');
    this.workspace = join(root, 'work', 'repository');
    this.temp = join(root, 'work', '_temp');
    this.#workflow = join(this.temp, '_github_workflow');
    this.#commands = join(this.temp, '_runner_file_commands');
    this.event = join(this.#workflow, 'event.json');
  }

  static async make(): Promise<JobFolder> {
    const folder = new JobFolder(await mkdtemp(join(tmpdir(), 'runner-job-')));
    for (const path of [folder.home, folder.workspace, folder.#commands]) {
      await mkdir(path, { recursive: true });
    }
    return folder;
  }

  /**
   * Writes the event file, as the runner does before every step. The folder is made at the job's first step
   * and keeps its modification time from then on, because no other file comes into it.
   * @param jobStartedAt the modification time of the folder; as it is by default
   * @param stepStartedAt the modification time of the file; now by default
   */
  async writeEvent(text: string, jobStartedAt: Date | undefined, stepStartedAt: Date | undefined) {
    await mkdir(this.#workflow, { recursive: true });
    await writeFile(this.event, text);
    if (stepStartedAt) await utimes(this.event, stepStartedAt, stepStartedAt);
    if (jobStartedAt) await utimes(this.#workflow, jobStartedAt, jobStartedAt);
  }

  /** New, empty files for a step, each with the trouble that is wanted for it. */
  async stepFiles(troubles: Partial<Record<FileName, FileTrouble>> = {}): Promise<StepFiles> {
    this.#steps += 1;
    const files: StepFiles = {
      output: undefined,
      env: undefined,
      state: undefined,
      path: undefined,
      summary: undefined,
    };
    for (const name of NAMES) {
      files[name] = await this.#file(`${PREFIX[name]}_${this.#steps}`, troubles[name]);
    }
    return files;
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true, maxRetries: 3 });
  }

  async #file(name: string, trouble: FileTrouble | undefined): Promise<string | undefined> {
    const path = join(this.#commands, name);
    switch (trouble) {
      case 'unset':
        return undefined;
      case 'gone':
        return join(this.#commands, 'gone', name);
      case 'full':
        if (!(await exists('/dev/full'))) throw new Error('a full disk needs /dev/full, which Linux has');
        return '/dev/full';
      case 'unwritable':
        // Permissions do not stop root; a folder in the file's place does.
        await mkdir(path);
        return path;
      default:
        await writeFile(path, '');
        return path;
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}
