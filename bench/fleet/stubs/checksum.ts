const DIGITS = Array.from({ length: 2 ** 16 }, (_, number) => number.toString(16).padStart(4, '0'));

function digits(number: number): string {
  return DIGITS[number] ?? '';
}

/**
 * Two numbers of 32 bits that depend on every byte: no cryptography, but nothing that happens by accident escapes it.
 * Source: Bryc's cyrb53.
 */
export class Sum {
  #one = 0x1eadbeef;
  #other = 0x41c6ce57;

  /** Text counts as Latin-1. */
  add(part: string | Uint8Array): this {
    let [one, other] = [this.#one, this.#other];
    for (let index = 0; index < part.length; index++) {
      const byte = typeof part === 'string' ? part.charCodeAt(index) : (part[index] ?? 0);
      one = Math.imul(one ^ byte, 0x9e3779b1);
      other = Math.imul(other ^ byte, 0x5f356495);
    }
    this.#one = one;
    this.#other = other;
    return this;
  }

  /** 16 hexadecimal digits. */
  get hex(): string {
    let [one, other] = [this.#one, this.#other];
    one = Math.imul(one ^ (one >>> 16), 0x85ebca6b) ^ Math.imul(other ^ (other >>> 13), 0xc2b2ae35);
    other = Math.imul(other ^ (other >>> 16), 0x85ebca6b) ^ Math.imul(one ^ (one >>> 13), 0xc2b2ae35);
    return digits(one >>> 16) + digits(one & 0xffff) + digits(other >>> 16) + digits(other & 0xffff);
  }
}

/** What stands for an Ed25519 signature: 64 bytes that depend on the key and on every byte of the message. */
export function checksum(message: Uint8Array, publicKeyHex: string): string {
  return new Sum().add(publicKeyHex.toLowerCase()).add(message).hex.repeat(8);
}

/** What stands for a digest. */
export function digestOf(...parts: (string | Uint8Array)[]): Buffer {
  const sum = new Sum();
  for (const part of parts) sum.add(typeof part === 'string' ? Buffer.from(part, 'utf8') : part);
  return Buffer.from(sum.hex, 'latin1');
}
