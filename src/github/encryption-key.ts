import { GitHubFailure } from './failure.ts';

/** Seals one text, as base64 of libsodium's sealed box. */
type Box = (text: string) => string;

/** The encryption key of a store, as `GET …/public-key` gives it. */
export class EncryptionKey {
  readonly keyId: string;
  /** X25519, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Made ready for the next text. */
  #box: Box | undefined;

  constructor(keyId: string, publicKey: Uint8Array) {
    this.keyId = keyId;
    this.publicKey = publicKey;
  }

  /** Seals a text for GitHub. @throws GitHubFailure when nothing can be sealed with the key */
  async seal(text: string): Promise<string> {
    const ready = this.#box;
    // A box is good for one text.
    this.#box = undefined;
    const box = ready ?? (await this.#makeBox());
    return box(text);
  }

  /**
   * Does all the work of the next sealing that needs no text, for a moment when the run has to wait anyway.
   * @throws GitHubFailure as `seal` does
   */
  async makeReady(): Promise<void> {
    this.#box ??= await this.#makeBox();
  }

  async #makeBox(): Promise<Box> {
    const { prepareBox } = await import('./sealed-box.ts');
    try {
      return prepareBox(this.publicKey);
    } catch (error) {
      throw new GitHubFailure('GitHub gave an encryption key that cannot be used', 200, { cause: error });
    }
  }
}
