import { ConfigError } from '../errors.ts';
import type { GatewayOptions } from '../options.ts';
import { type LabelOf, problemsOf } from './check-settings.ts';
import { type ReadContent, readIdentity, readLine, readSubject } from './credential-files.ts';
import { nearest } from './nearest.ts';
import { type ParsedFlags, parseFlags } from './parse-flags.ts';
import { optionProblems } from './resolve-options.ts';
import { CONFIG_FLAG, FILE_SETTINGS, pathText, SETTINGS, type Setting, variableName } from './settings.ts';

/** Where {@link loadConfig} looks. */
export interface ConfigSources {
  /** Arguments after the command. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;

  /** Content of a file; throws when it cannot be read. */
  readonly readFile: (path: string) => Uint8Array;
}

/** What the command line asks for. */
export type LoadedConfig =
  | { readonly action: 'help' }
  | { readonly action: 'version' }
  | { readonly action: 'run'; readonly options: GatewayOptions };

type Values = Record<string, unknown>;

const PREFIX = variableName('');

const ALL_SETTINGS = [...SETTINGS, ...FILE_SETTINGS];

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
    this.#problems.push(...problemsOf(merged, ALL_SETTINGS, labelOf));
    if (this.#problems.length === 0) {
      const options = this.#withContents(merged, labelOf);
      if (this.#problems.length === 0) this.#problems.push(...optionProblems(options, labelOf));
      if (this.#problems.length === 0) return options;
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
    const bytes = this.#contentOf(path, label);
    if (bytes === undefined) return {};
    let content: unknown;
    try {
      content = JSON.parse(new TextDecoder().decode(bytes));
    } catch (error) {
      this.#problems.push(`${path} is not JSON: ${(error as Error).message}.`);
      return {};
    }
    if (typeof content !== 'object' || content === null || Array.isArray(content)) {
      this.#problems.push(`${path} must hold a JSON object.`);
      return {};
    }
    // Now, while every value is still the file's: a flag must not hide what is wrong with the file.
    const problems = problemsOf(content, ALL_SETTINGS, (key) => `${key} in ${path}`);
    this.#problems.push(...problems);
    return problems.length > 0 ? {} : (content as Values);
  }

  /** The options with what is in the files that the settings name. */
  #withContents(settings: Values, labelOf: LabelOf): GatewayOptions {
    const { tokenFile, trust, identities, subjects, ...rest } = settings;
    const options: Values = rest;
    if (typeof tokenFile === 'string') {
      options['token'] = readLine(tokenFile, (path) => this.#contentOf(path, labelOf('tokenFile')));
      this.#labels.set('token', `The token in ${tokenFile}`);
    }
    if (trust === 'bundled' || trust === 'system') options['trust'] = trust;
    else if (typeof trust === 'string') options['trust'] = this.#textOf(trust, labelOf('trust'));
    if (identities !== undefined)
      options['identities'] = this.#each(identities, 'identities', readIdentity, labelOf);
    if (subjects !== undefined) options['subjects'] = this.#each(subjects, 'subjects', readSubject, labelOf);
    return options;
  }

  #each<Files, Content>(
    files: unknown,
    key: string,
    read: (files: Files, content: ReadContent) => Content,
    labelOf: LabelOf,
  ): Record<string, Content> {
    const entries = Object.entries(files as Record<string, Files>).map(([name, entry]) => {
      const label = labelOf(`${key}.${name}`);
      return [name, read(entry, (path) => this.#contentOf(path, label))] as const;
    });
    return Object.fromEntries(entries);
  }

  #textOf(path: string, label: string): string | undefined {
    const bytes = this.#contentOf(path, label);
    return bytes && new TextDecoder().decode(bytes);
  }

  #contentOf(path: string, label: string): Uint8Array | undefined {
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
