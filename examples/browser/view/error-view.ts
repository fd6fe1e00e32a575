import { HTTPError } from '@hip/client';
import { element } from './dom.ts';

/** What {@link HTTPError.sent} means for someone who wonders whether to try again. */
const SENT: Record<HTTPError['sent'], string> = {
  never: 'This request never reached the origin.',
  maybe: 'This request may have reached the origin.',
  always: 'This request reached the origin.',
};

/** Whether the user gave up, rather than something going wrong. */
export function isCancelled(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError';
}

/** The error in a line, for where there is little room. */
export function errorText(error: unknown): string {
  const { name, message } = describe(error);
  return `${name}: ${message}`;
}

/** The error in full: class, code, what happened, and whether the origin knows. */
export function errorView(error: unknown): HTMLElement {
  const { name, message, known } = describe(error);
  const title = element('p', 'error-title', element('strong', '', name));
  if (known !== undefined) title.append(element('code', '', known.code));
  const view = element('div', 'error', title, element('p', 'error-message', message));
  if (known !== undefined) {
    const sent = element('p', 'error-sent', SENT[known.sent]);
    sent.dataset['sent'] = known.sent;
    view.append(sent);
  }
  view.setAttribute('role', 'alert');
  return view;
}

function describe(error: unknown): { name: string; message: string; known: HTTPError | undefined } {
  // fetch() throws a TypeError, as the standard says, with the HTTPError as its cause.
  const known = [error, (error as Error | undefined)?.cause].find((one) => one instanceof HTTPError);
  const shown = known ?? error;
  return shown instanceof Error
    ? { name: shown.name, message: shown.message, known }
    : { name: 'Error', message: String(shown), known };
}
