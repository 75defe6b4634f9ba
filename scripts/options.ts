import { parseArgs } from 'node:util';

/** One option of a command line: how its text is read, and what it is when it is not given. */
export interface Option<Value> {
  /** What stands behind `--name` in the help; a flag has nothing there. */
  placeholder?: string;
  help: string;
  fallback: Value;
  /** @throws UsageError with what is wrong, to be read after the option's name */
  read(text: string): Value;
}

type Options = Record<string, Option<unknown>>;
type Values<Given extends Options> = { [Name in keyof Given]: ReturnType<Given[Name]['read']> };

/** What a command line says about itself. */
export interface CommandLine<Given extends Options> {
  /** As it is typed, for example `npm run demo --`. */
  command: string;
  /** What it does, in one or two sentences. */
  about: string;
  options: Given;
}

/** The command line is wrong; the message is one line for the person who typed it. */
export class UsageError extends Error {}

/** An option that is given or not. */
export function flag(help: string): Option<boolean> {
  return { help, fallback: false, read: () => true };
}

/** A whole number from `min` to `max`. */
export function wholeNumber<Fallback extends number | undefined>(
  help: string,
  fallback: Fallback,
  { min = 1, max = Number.MAX_SAFE_INTEGER } = {},
): Option<number | Fallback> {
  return {
    placeholder: 'N',
    help,
    fallback,
    read(text) {
      const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
      if (value >= min && value <= max) return value;
      const range = max === Number.MAX_SAFE_INTEGER ? `of ${min} or more` : `from ${min} to ${max}`;
      throw new UsageError(`must be a whole number ${range}, not "${text}"`);
    },
  };
}

/** One of a few names. */
export function choice<Name extends string>(
  help: string,
  names: readonly Name[],
  placeholder = 'NAME',
): Option<Name | undefined> {
  return {
    placeholder,
    help: `${help}: ${names.join(', ')}`,
    fallback: undefined,
    read(text) {
      const name = names.find((one) => one === text);
      if (name === undefined) throw new UsageError(`must be one of ${names.join(', ')}, not "${text}"`);
      return name;
    },
  };
}

/** Any text, for example a path. */
export function text(help: string, placeholder = 'TEXT'): Option<string | undefined> {
  return { placeholder, help, fallback: undefined, read: (value) => value };
}

/**
 * Reads the options of this process. `--help` prints what there is and ends the process with 0; a mistake
 * prints one line and ends it with 2. Call it before anything is done.
 */
export function readOptions<Given extends Options>(line: CommandLine<Given>): Values<Given> {
  const args = process.argv.slice(2);
  if (args.includes('--help') || args.includes('-h')) {
    console.log(helpText(line));
    process.exit(0);
  }
  try {
    return parseOptions(line, args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message} (${line.command} --help)`);
    process.exit(2);
  }
}

/** @throws UsageError for the first mistake in `args` */
export function parseOptions<Given extends Options>(
  { command, options }: CommandLine<Given>,
  args: readonly string[],
): Values<Given> {
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      Object.entries(options).map(([name, { placeholder }]) => [
        name,
        { type: placeholder === undefined ? 'boolean' : 'string' },
      ]),
    ),
    strict: false,
    tokens: true,
  });
  const values = Object.fromEntries(Object.entries(options).map(([name, { fallback }]) => [name, fallback]));
  for (const token of tokens) {
    if (token.kind === 'positional') {
      throw new UsageError(`"${token.value}" is not an option. Options follow "${command}"`);
    }
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (option === undefined || token.rawName !== `--${token.name}`) {
      const known = Object.keys(options).map((name) => `--${name}`);
      const others = known.length === 0 ? 'There are none' : `There are ${known.join(', ')}`;
      throw new UsageError(`${token.rawName} is not an option. ${others}`);
    }
    values[token.name] = readValue(token.rawName, option, token.value);
  }
  return values as Values<Given>;
}

function readValue(name: string, option: Option<unknown>, value: string | undefined): unknown {
  if (option.placeholder === undefined) {
    if (value !== undefined) throw new UsageError(`${name} takes no value`);
    return option.read('');
  }
  if (value === undefined || value === '') throw new UsageError(`${name} needs a value`);
  try {
    return option.read(value);
  } catch (error) {
    throw error instanceof UsageError ? new UsageError(`${name} ${error.message}`) : error;
  }
}

/** What `--help` prints. */
export function helpText({ command, about, options }: CommandLine<Options>): string {
  const rows = Object.entries(options).map(([name, { placeholder, help, fallback }]): [string, string] => [
    placeholder === undefined ? `--${name}` : `--${name} ${placeholder}`,
    typeof fallback === 'number' ? `${help} (${fallback} by default)` : help,
  ]);
  rows.push(['--help', 'prints this']);
  const width = Math.max(...rows.map(([left]) => left.length));
  const lines = rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
  return [about, '', `Usage: ${command} [OPTIONS]`, '', ...lines].join('\n');
}
