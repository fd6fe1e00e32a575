import { CONFIG_FLAG, FILE_SETTINGS, SETTINGS, variableName } from '../config/settings.ts';

/** Column where the explanations begin. */
const INDENT = 32;

/** What `hip-gateway --help` prints. */
export function helpText(): string {
  const settings = SETTINGS.map(({ flag, placeholder, help, defaultText }) =>
    row(`--${flag} ${placeholder}`, `${help} (default: ${defaultText})`),
  );
  return [
    'Usage: hip-gateway serve [options]',
    '',
    'Runs a gateway and prints its session URL on stdout when it is ready.',
    '',
    row(`--${CONFIG_FLAG} FILE`, 'JSON file with any of the settings below'),
    ...settings,
    row('-h, --help', 'this text'),
    row('--version', 'the version'),
    '',
    `Each option can be set in the environment too: --log-level is ${variableName('log-level')}, and so on; several`,
    'hosts of --allow are separated by commas. Options win over the environment, the environment over the file.',
    '',
    'In the file only:',
    '',
    ...FILE_SETTINGS.map(({ path, expected }) => row(path.join('.'), expected)),
    '',
  ].join('\n');
}

function row(left: string, right: string): string {
  return `  ${left.padEnd(INDENT)}${right}`;
}
