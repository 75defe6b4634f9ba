import type { Fault, PlainAnswer, WireAnswer } from './faults.ts';

/** How an answer is signed (Cobo). */
export type Sealing = 'right' | 'none' | 'flipped' | 'foreign';

const SEALING: Record<string, Sealing> = {
  unsigned: 'none',
  'bad-signature': 'flipped',
  'foreign-signature': 'foreign',
};

/** How an emulated service finishes its answers. */
export interface Finish {
  /** Headers that every answer carries, whatever its origin. */
  standing: Record<string, string>;
  seal: (answer: PlainAnswer, sealing: Sealing) => PlainAnswer;
  encode: (answer: PlainAnswer) => WireAnswer;
}

/** The answer that goes out, signed or spoiled as the fault wants. */
export function answerUnder(
  fault: Fault | undefined,
  processed: PlainAnswer | undefined,
  { standing, seal, encode }: Finish,
): WireAnswer {
  const complete = ({ status, headers, body }: PlainAnswer): PlainAnswer => {
    return { status, headers: { ...standing, ...lowerCase(headers) }, body };
  };
  // What something in front of the service answers is not encoded the way the service does.
  const foreign = (answer: PlainAnswer): WireAnswer => ({ ...answer, body: Buffer.from(answer.body) });
  if (fault?.kind === 'redirect') {
    const headers = { location: fault.location };
    return foreign(complete({ status: fault.status ?? 302, headers, body: '' }));
  }
  if (fault?.kind === 'status') {
    const told = complete({ status: fault.status, headers: fault.headers ?? {}, body: fault.body ?? '' });
    return fault.signed === true ? encode(seal(told, 'right')) : foreign(told);
  }
  if (processed === undefined) throw new Error('a fault left no answer');
  const real = complete(processed);
  if (fault?.kind === 'rewrite') {
    if (fault.resign === true) return encode(seal(complete(fault.rewrite(real)), 'right'));
    return encode(fault.rewrite(seal(real, 'right')));
  }
  return encode(seal(real, SEALING[fault?.kind ?? ''] ?? 'right'));
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Whether the fault keeps the request from being processed. */
export function strikesBefore(fault: Fault | undefined): boolean {
  switch (fault?.kind) {
    case 'cut':
    case 'hang':
    case 'status':
      return fault.when === 'before';
    case 'redirect':
    case 'refuse':
      return true;
    default:
      return false;
  }
}

/** The verdict on a request, the fault included. */
export function describe(did: string, fault: Fault | undefined): string {
  switch (fault?.kind) {
    case 'status':
      return `${did}; status ${fault.status} answered on demand`;
    case 'redirect':
      return `${did}; redirect answered`;
    case 'rewrite':
      return `${did}; answer changed on the way`;
    case 'trailing':
      return `${did}; stray bytes sent after the answer`;
    case 'unsigned':
      return `${did}; answer left unsigned`;
    case 'bad-signature':
      return `${did}; answer's signature spoiled`;
    case 'foreign-signature':
      return `${did}; answer signed by a foreign key`;
    default:
      return did;
  }
}
