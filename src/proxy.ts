import { ActionError } from './errors.ts';

/** The variable that names a proxy for `protocol`. The one in lower case wins, as in curl. */
export function proxyVariable(protocol: string, env: NodeJS.ProcessEnv): string | undefined {
  const lowerCase = protocol.replace(':', '_proxy');
  return [lowerCase, lowerCase.toUpperCase()].find((name) => env[name]);
}

/** What Node's agents need to know of the proxy for `protocol`, if there is one. @throws ActionError `proxy-invalid` */
export function proxyFor(protocol: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv | undefined {
  const variable = proxyVariable(protocol, env);
  if (variable === undefined) return undefined;
  const value = env[variable] ?? '';
  // A proxy without a scheme speaks HTTP, as in curl.
  const text = value.includes('://') ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new ActionError(
      'proxy-invalid',
      `The proxy in the environment variable \`${variable}\` must be an \`http://\` or \`https://\` URL.`,
      `Set \`${variable}\` to the URL of an HTTP proxy, such as \`http://proxy.example:3128\`, or remove it. Then re-run the job.`,
    );
  }
  return { [variable.toLowerCase()]: url.href, no_proxy: env['no_proxy'] || env['NO_PROXY'] };
}
