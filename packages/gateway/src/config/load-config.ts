import { ConfigError } from '../errors.ts';
import type { GatewayOptions } from '../options.ts';
import { problemsOf } from './check-settings.ts';
import { nearest } from './nearest.ts';
import { type ParsedFlags, parseFlags } from './parse-flags.ts';
import { optionProblems } from './resolve-options.ts';
import { CONFIG_FLAG, pathText, SETTINGS, type Setting, variableName } from './settings.ts';

/** Where {@link loadConfig} looks. */
export interface ConfigSources {
  /** Arguments after the command. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;

  /** Content of a file; throws when it cannot be read. */
  readonly readFile: (path: string) => string;
}

/** What the command line asks for. */
export type LoadedConfig =
  | { readonly action: 'help' }
  | { readonly action: 'version' }
  | { readonly action: 'run'; readonly options: GatewayOptions };

type Values = Record<string, unknown>;

const PREFIX = variableName('');

/**
 * Options from, in this order, flags, `HIP_GATEWAY_*` variables, and a JSON file. A list is replaced as a whole, not
 * added to.
 *
 * @throws {@link ConfigError} naming everything that is wrong, each as the operator wrote it.
 */
export function loadConfig({ argv, env, readFile }: ConfigSources): LoadedConfig {
  const flags = parseFlags(argv);
  if (flags.help) return { action: 'help' };
  if (flags.version) return { action: 'version' };
  return { action: 'run', options: new ConfigReader(flags, env, readFile).read() };
}

class ConfigReader {
  readonly #flags: ParsedFlags;
  readonly #env: ConfigSources['env'];
  readonly #readFile: ConfigSources['readFile'];
  readonly #problems: string[];
  readonly #labels: Map<string, string> = new Map();

  constructor(flags: ParsedFlags, env: ConfigSources['env'], readFile: ConfigSources['readFile']) {
    this.#flags = flags;
    this.#env = env;
    this.#readFile = readFile;
    this.#problems = [...flags.problems];
  }

  read(): GatewayOptions {
    this.#checkVariables();
    const merged = this.#file();
    for (const setting of SETTINGS) {
      const found = this.#text(setting.flag);
      if (found === undefined) continue;
      assign(merged, setting.path, setting.fromText(found.text));
      this.#labels.set(pathText(setting.path), found.label);
    }
    const labelOf = (path: string): string => this.#labels.get(path) ?? path;
    this.#problems.push(...problemsOf(merged, SETTINGS, labelOf));
    if (this.#problems.length === 0) {
      const { tokenFile, ...options } = merged;
      const withToken: GatewayOptions = { ...options, ...this.#token(tokenFile, labelOf) };
      if (this.#problems.length === 0) this.#problems.push(...optionProblems(withToken, labelOf));
      if (this.#problems.length === 0) return withToken;
    }
    throw new ConfigError(this.#problems);
  }

  /** Text of a setting from the command line or the environment. A variable that is empty counts as not set. */
  #text(flag: string): { text: string; label: string } | undefined {
    const given = this.#flags.values.get(flag);
    if (given !== undefined) return { text: given.join(','), label: `--${flag}` };
    const variable = variableName(flag);
    const text = this.#env[variable];
    return text ? { text, label: variable } : undefined;
  }

  #checkVariables(): void {
    const known = [...SETTINGS.map(({ flag }: Setting) => flag), CONFIG_FLAG].map(variableName);
    for (const name of Object.keys(this.#env)) {
      if (!name.startsWith(PREFIX) || known.includes(name)) continue;
      const suggestion = nearest(
        name.slice(PREFIX.length),
        known.map((one) => one.slice(PREFIX.length)),
      );
      this.#problems.push(
        `${name} is not a setting.${suggestion ? ` Did you mean ${PREFIX}${suggestion}?` : ''}`,
      );
    }
  }

  /** What the configuration file holds, if there is one. */
  #file(): Values {
    const found = this.#text(CONFIG_FLAG);
    if (found === undefined) return {};
    const { text: path, label } = found;
    const text = this.#contentOf(path, label);
    if (text === undefined) return {};
    let content: unknown;
    try {
      content = JSON.parse(text);
    } catch (error) {
      this.#problems.push(`${path} is not JSON: ${(error as Error).message}.`);
      return {};
    }
    if (typeof content !== 'object' || content === null || Array.isArray(content)) {
      this.#problems.push(`${path} must hold a JSON object.`);
      return {};
    }
    // Now, while every value is still the file's: a flag must not hide what is wrong with the file.
    const problems = problemsOf(content, SETTINGS, (key) => `${key} in ${path}`);
    this.#problems.push(...problems);
    return problems.length > 0 ? {} : (content as Values);
  }

  #token(file: unknown, labelOf: (path: string) => string): { token?: string } {
    if (typeof file !== 'string') return {};
    const content = this.#contentOf(file, labelOf('tokenFile'));
    // An editor ends the line.
    if (content !== undefined) this.#labels.set('token', `The token in ${file}`);
    return content === undefined ? {} : { token: content.replace(/\r?\n$/, '') };
  }

  #contentOf(path: string, label: string): string | undefined {
    try {
      return this.#readFile(path);
    } catch (error) {
      this.#problems.push(
        `${label}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? error}).`,
      );
      return undefined;
    }
  }
}

function assign(target: Values, [first, second]: Setting['path'], value: unknown): void {
  if (second === undefined) target[first] = value;
  else target[first] = { ...(target[first] as Values | undefined), [second]: value };
}
