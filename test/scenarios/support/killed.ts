/**
 * Flags for Node that kill the process right before it writes an output: a moment at which it waits for
 * nobody, so that no request and no line of the log could be the sign.
 */
export function killedBeforeOutput(name: string): string[] {
  const script = `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const { appendFileSync } = fs;
    fs.appendFileSync = (file, text, ...rest) => {
      if (String(text).startsWith(${JSON.stringify(`${name}<<`)})) process.kill(process.pid, 'SIGKILL');
      return appendFileSync(file, text, ...rest);
    };
    syncBuiltinESMExports();`;
  return ['--import', `data:text/javascript,${encodeURIComponent(script)}`];
}
