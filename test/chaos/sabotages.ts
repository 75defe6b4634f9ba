import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Action, loadAction, ROOT } from './in-process.ts';

/** A protection that is taken out of a copy of src/: some rule has to notice. */
export interface Sabotage {
  name: string;
  file: string;
  /** Must occur once. */
  text: string;
  by: string;
}

export const SABOTAGES: readonly Sabotage[] = [
  {
    name: 'no-record',
    file: 'github/stores.ts',
    text: 'return records.write(store);',
    by: 'return undefined;',
  },
  {
    name: 'no-lock',
    file: 'github/record.ts',
    text: 'if (status === 201 || this.locksNothing',
    by: 'if (status === 201 || status === 204 || this.locksNothing',
  },
  {
    name: 'record-deleted-after-storing',
    file: 'fate.ts',
    text: 'stored: { safe: true, keepsRecord: true,',
    by: 'stored: { safe: true, keepsRecord: false,',
  },
  {
    name: 'younger-records-swept',
    file: 'github/stores.ts',
    text: 'createdAt <= until ?',
    by: 'createdAt > 0 ?',
  },
  {
    name: 'no-staleness',
    file: 'prepare.ts',
    text: 'if (fromSecret) refuseStaleToken(stores.prepared, secret, times);',
    by: '',
  },
  {
    name: 'ends-on-a-signal',
    file: 'cancellation.ts',
    text: 'for (const name of SIGNALS) source.on(name, this.#listener);',
    by: '',
  },
  {
    name: 'no-verification',
    file: 'cobo/answer.ts',
    text: 'isWhole && [body, decoded].some(isSigned)',
    by: 'true',
  },
  {
    name: 'stores-once',
    file: 'github/client.ts',
    text: "maxAttempts: call.manner === 'sweep' ? 1 : maxAttempts,",
    by: "maxAttempts: ['sweep', 'keep'].includes(call.manner) ? 1 : maxAttempts,",
  },
  {
    name: 'gives-up-when-refused',
    file: 'github/client.ts',
    text: "return call.manner === 'keep' ? {} : undefined;",
    by: 'return undefined;',
  },
  {
    name: 'keeps-an-old-key',
    file: 'github/store.ts',
    text: 'if (last?.status === 422) await this.#readKey(manner);',
    by: '',
  },
  {
    name: 'no-envelope',
    file: 'keep.ts',
    text: 'fate.seal(successor, sealEnvelope(sealed, inputs.keys.appSecret, inputs.clientId), trusted);',
    by: "fate.seal(successor, '', trusted);",
  },
  {
    name: 'a-lost-answer-is-unspent',
    file: 'cobo/exchange.ts',
    text: "const token = open ? 'unknown' : 'unspent';",
    by: "const token = 'unspent';",
  },
  {
    name: 'never-heals',
    file: 'cobo/exchange.ts',
    text: 'if (orgId === undefined || stop.aborted || !(isDead || isLost)) return',
    by: 'if (isDead || !isDead || isLost) return',
  },
  {
    name: 'no-post-step',
    file: 'finish.ts',
    text: 'if (left === undefined) return 0;',
    by: 'if (left === undefined || left.state) return 0;',
  },
  {
    name: 'post-step-trusts',
    file: 'finish.ts',
    text: "if (state === 'sealed' && !trusted) throw",
    by: "if (state === 'reused') throw",
  },
  {
    name: 'post-step-does-not-look',
    file: 'finish.ts',
    text: 'const updated = prepared.filter((store) =>',
    by: 'const updated = prepared.filter((store) => false &&',
  },
  {
    name: 'prints-the-token',
    file: 'keep.ts',
    text: 'if (access !== undefined) masks.add(access.accessToken);',
    by: 'run.world.toolkit.info(String(refreshToken));',
  },
  {
    name: 'outputs-before-state',
    file: 'delivery.ts',
    text: `      this.#tell(() => this.#toolkit.saveState(HANDOVER, JSON.stringify(handover)), FILES);
      this.#outputs({ state, envelope });`,
    by: `      this.#outputs({ state, envelope });
      this.#tell(() => this.#toolkit.saveState(HANDOVER, JSON.stringify(handover)), FILES);`,
  },
];

/** How often the text of a sabotage is in src/. */
export function occurrences({ file, text }: Sabotage): number {
  return readFileSync(join(ROOT, 'src', file), 'utf8').split(text).length - 1;
}

/** Loads the action from a copy of src/ without one of its protections. @param folder an empty one */
export async function loadSabotaged(sabotage: Sabotage, folder: string): Promise<Action> {
  const { file, text, by, name } = sabotage;
  if (occurrences(sabotage) !== 1) throw new Error(`the text of the sabotage ${name} is not once in ${file}`);
  cpSync(join(ROOT, 'src'), join(folder, 'src'), { recursive: true });
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const path = join(folder, 'src', file);
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace(text, () => by),
  );
  return loadAction(join(folder, 'src'));
}
