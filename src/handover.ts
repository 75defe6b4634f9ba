import { isTokenState, type TokenState } from './errors.ts';
import { field, parseJson } from './text.ts';

/** What the main step knows of one store. */
export interface StoreHandover {
  /** As a line of `secret-stores`. */
  label: string;
  /** When the target secret was last updated (ms since 1970); `null` if it is not there. */
  updatedAt: number | null;
  /** Whether a record of this run may be there. */
  record: boolean;
  /** Whether it refused the successor: a later update is somebody else's. */
  refused: boolean;
}

/**
 * What the main step leaves for the post step, in `GITHUB_STATE`. It holds no secret in the clear, and it is
 * true at any moment at which the process may be killed.
 */
export interface Handover {
  state: TokenState;
  /** Whether the successor came in an answer that is signed rightly. */
  trusted: boolean;
  /** The successor, sealed; `null` when there is none. */
  envelope: string | null;
  /** The name of the in-flight record; `null` when nothing is written back. */
  record: string | null;
  /** When the stores were read, by GitHub's clock (ms since 1970): this run's records are not older. */
  lookedAt: number;
  /** When all records were written; `null` before. */
  recordedAt: number | null;
  /** Whether the records have to stay: another run may hold the token that was used. */
  keepsRecord: boolean;
  stores: StoreHandover[];
}

/** The name under which it is kept. */
export const HANDOVER = 'handover';

/** A run that has left nothing to do. */
export function emptyHandover(): Handover {
  return {
    state: 'unspent',
    trusted: true,
    envelope: null,
    record: null,
    lookedAt: 0,
    recordedAt: null,
    keepsRecord: false,
    stores: [],
  };
}

/** Reads what the main step has left; `undefined` when it has left nothing, or nothing that can be read. */
export function readHandover(text: string): Handover | undefined {
  const json = parseJson(text);
  const state = field(json, 'state');
  const envelope = textOrNull(field(json, 'envelope'));
  // A sealed token is in its envelope, and no other is.
  if (!isTokenState(state) || (state === 'sealed') !== (envelope !== null)) return undefined;
  const stores = field(json, 'stores');
  const list: unknown[] = Array.isArray(stores) ? stores : [];
  return {
    state,
    trusted: field(json, 'trusted') === true,
    envelope,
    record: textOrNull(field(json, 'record')),
    lookedAt: numberOrNull(field(json, 'lookedAt')) ?? 0,
    recordedAt: numberOrNull(field(json, 'recordedAt')),
    keepsRecord: field(json, 'keepsRecord') === true,
    stores: list.flatMap((store) => {
      const label = textOrNull(field(store, 'label'));
      const updatedAt = numberOrNull(field(store, 'updatedAt'));
      const [record, refused] = [field(store, 'record') === true, field(store, 'refused') === true];
      return label === null ? [] : [{ label, updatedAt, record, refused }];
    }),
  };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
