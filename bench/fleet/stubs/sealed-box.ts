// Stands in for src/github/sealed-box.ts: nothing is encrypted, because nobody listens.

export function sealedBox(_publicKey: Uint8Array, text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

export function rehearseSealing(): void {}
