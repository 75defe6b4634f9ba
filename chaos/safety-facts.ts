import type { Act, Exchange } from './act.ts';
import { envelopesIn, opened } from './envelope.ts';

/** The exchange whose answer put a new refresh token into the action's hands, trusted or not. */
export function handedOver({ exchanges }: Act): Exchange | undefined {
  return exchanges.findLast(
    ({ arrival, issued }) =>
      issued?.refreshToken !== undefined && (arrival === 'whole' || arrival === 'untrusted'),
  );
}

/** Whether the rotated refresh token is to be written to stores. */
export function writesBack({ setting }: Act): boolean {
  return setting.refreshTokenSecret !== undefined;
}

export function inEveryStore(act: Act, token: string): boolean {
  return writesBack(act) && act.after.every((store) => store.refreshToken === token);
}

/** Whether what people can still read after the run holds an envelope with this token. */
export function sealedFor(act: Act, token: string): boolean {
  const { ending } = act;
  const texts = [ending.outputs['recovery-envelope'] ?? '', ending.log, ending.rawSummary];
  return texts.some((text) => envelopesIn(text).some((envelope) => opensTo(act, envelope) === token));
}

export function opensTo({ setting }: Act, envelope: string): string | undefined {
  return opened(envelope, setting.appSecretHex, setting.clientId);
}

/** Cobo may have processed a request after its client had given up: then it saw a replay of its own making. */
export function struckLate({ exchanges, living }: Act): boolean {
  return (
    exchanges.some(({ arrival }) => arrival === 'lost') &&
    (living.length === 0 || exchanges.some((e) => e.replay))
  );
}
