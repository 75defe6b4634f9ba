import type { Fault } from './faults.ts';

/** How an answer is signed (Cobo). */
export type Sealing = 'right' | 'none' | 'flipped' | 'foreign';

const SEALING: Record<string, Sealing> = {
  unsigned: 'none',
  'bad-signature': 'flipped',
  'foreign-signature': 'foreign',
};

/** How the real answer is signed under this fault. */
export function sealingUnder(fault: Fault | undefined): Sealing {
  return SEALING[fault?.kind ?? ''] ?? 'right';
}

/** Whether the fault keeps the request from being processed. */
export function strikesBefore(fault: Fault | undefined): boolean {
  switch (fault?.kind) {
    case 'cut':
    case 'hang':
    case 'status':
      return fault.when === 'before';
    case 'flood':
    case 'drip':
      return fault.when !== 'after';
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
