import { readFileSync } from 'node:fs';
import { SECRET, type Stage } from '../../../emulators/stage.ts';

const DAY = 24 * 3600_000;

/** The text of a workflow in examples/. */
export function example(name: string): string {
  return readFileSync(new URL(`../../../examples/${name}.yml`, import.meta.url), 'utf8');
}

/** Puts into a store what the examples say that it holds, a day ago. */
export function furnish(stage: Stage, store: string, refreshToken?: string): void {
  const { cobo, github, writer } = stage;
  const secrets = {
    COBO_APP_SECRET: cobo.client.appSecretHex,
    SECRETS_WRITER_TOKEN: writer,
    ...(refreshToken === undefined ? {} : { [SECRET]: refreshToken }),
  };
  for (const [name, value] of Object.entries(secrets)) {
    github.setSecret(store, name, value, github.clock - DAY);
  }
  if (store.startsWith('dependabot')) return;
  github.setVariable(store, 'COBO_CLIENT_ID', cobo.client.clientId);
  github.setVariable(store, 'COBO_ORG_ID', cobo.client.orgId);
}

/** An expression, as a workflow writes it. */
export function expression(text: string): string {
  return `\${{ ${text} }}`;
}
