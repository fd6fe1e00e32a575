import type { FieldLines, RequestOptions } from '@hip/wire';
import { CONNECTION_OPTIONS, type ConnectionOverrides } from '../connection-options.ts';
import * as DEFAULTS from '../defaults.ts';
import { invalidOption, type RequestHistory } from '../errors.ts';
import type { ExchangeResponse } from '../exchange/exchange.ts';
import { fieldValue } from '../exchange/field-value.ts';
import type { RequestBody } from '../exchange/request-body.ts';
import { checkNames, checkPoolTimeout } from '../pool/check-options.ts';
import { contentLength } from '../pool/content-length.ts';
import { foreignOptions } from '../pool/foreign-options.ts';
import { HTTPResponse } from '../pool/http-response.ts';
import { performRetries, type RetryHooks } from '../pool/perform-retries.ts';
import { ProgressListeners } from '../pool/progress.ts';
import type { RepeatableResponse } from '../pool/redirect-location.ts';
import type { OutgoingRequest, RequestSender } from '../pool/request-sender.ts';
import { Retry } from '../pool/retry.ts';
import { Timeout } from '../pool/timeout.ts';
import { deadlineSignal, wait } from '../pool/wait.ts';
import type { FetchRequest } from './fetch-request.ts';
import type { FetchSender } from './fetch-sender.ts';
import type { FetchOptions } from './fetch-types.ts';
import { redirectLocation } from './redirect-location.ts';

/** What there is beside options of connections. */
const NAMES = ['retries', 'timeout', 'poolTimeout', 'onUploadProgress', 'onDownloadProgress'];

/** A response of the exchange, as retries look at it. */
interface Attempt extends RepeatableResponse {
  readonly answer: ExchangeResponse;
}

/** Sends the requests of one `fetch()` as its `init.hip` says. */
export class OptionSender implements FetchSender {
  readonly #sender: RequestSender;
  readonly #first: FetchRequest;
  readonly #options: RequestOptions;
  readonly #signal: AbortSignal | undefined;
  readonly #progress: ProgressListeners;
  #overrides: ConnectionOverrides | undefined;
  #retries: Retry;
  /** Retries that are asked for count everything. */
  readonly #repeats: number;
  #hasLeft = false;

  /**
   * @param options - nobody else's.
   * @throws {@link InvalidRequestError} naming the option that cannot be honoured.
   */
  constructor(sender: RequestSender, options: FetchOptions, first: FetchRequest) {
    const hasOverrides = checkOptions(options);
    const { retries, timeout = null, poolTimeout } = options;
    const { deadline, ...limits } = Timeout.from(timeout);
    this.#sender = sender;
    this.#first = first;
    this.#overrides = hasOverrides ? options : undefined;
    this.#retries = checkRetries(Retry.fromInt(retries ?? false));
    this.#repeats = retries === undefined ? DEFAULTS.fetchRepeats : 0;
    this.#options = { ...new Timeout(limits).requestOptions(), ...checkPoolTimeout(poolTimeout) };
    this.#progress = new ProgressListeners(options);
    // Now, so that what follows counts.
    this.#signal = deadline === null ? first.signal : deadlineSignal(deadline, first.signal);
  }

  async send(request: OutgoingRequest, history: RequestHistory[]): Promise<ExchangeResponse> {
    const before = this.#retries.history.length;
    const { response, retries } = await performRetries(
      { ...request, lines: this.#linesFor(request) },
      {
        retries: this.#retries,
        redirect: false,
        signal: this.#signal,
        isOver: () => this.#sender.isClosed,
      },
      this.#hooks(request),
    );
    this.#retries = retries;
    history.push(...retries.history.slice(before));
    const { answer } = response;
    const { status, fields } = answer;
    const isFollowed = this.#first.redirect !== 'manual' && redirectLocation(status, fields) !== undefined;
    if (!isFollowed) {
      const announced = fieldValue(fields, 'content-length');
      this.#progress.receive(answer, contentLength(status, request.method, announced));
    }
    return answer;
  }

  #hooks(request: OutgoingRequest): RetryHooks<RequestBody, Attempt> {
    return {
      send: async ({ lines }) => {
        const answer = await this.#progress.send(request.body, (onBodySent) =>
          this.#sender.send({
            ...request,
            lines,
            options: this.#options,
            signal: this.#signal,
            overrides: this.#overrides,
            onBodySent,
            repeats: this.#repeats,
          }),
        );
        const get = (name: string): string => fieldValue(answer.fields, name);
        return { status: answer.status, headers: { get }, answer };
      },
      drain: ({ answer }) => new HTTPResponse(request.url, answer).drainConn(),
      isReplayable: (body) => body.isReplayable,
      wait,
    };
  }

  /** Once it has left its first origin, a request does not get back what it left there. */
  #linesFor({ url, lines }: OutgoingRequest): FieldLines {
    if (!this.#hasLeft && url.origin !== this.#first.url.origin) {
      this.#hasLeft = true;
      this.#overrides &&= foreignOptions(this.#overrides);
    }
    if (!this.#hasLeft) return lines;
    const removed = this.#retries.removeHeadersOnRedirect;
    return lines.filter((_, at) => !removed.has(lines[at - (at % 2)] as string));
  }
}

/** Refuses what nobody would honour. @returns whether there are options of connections. */
function checkOptions(options: FetchOptions): boolean {
  if (typeof options !== 'object') throw invalidOption(`init.hip must be an object, got ${typeof options}`);
  if ('trailers' in options) {
    throw invalidOption(
      'init.hip.trailers cannot be honoured: gateways do not send trailers of requests yet',
    );
  }
  return checkNames('init.hip', options, NAMES, CONNECTION_OPTIONS);
}

function checkRetries(retries: Retry): Retry {
  if (retries.redirect === null || retries.total === false) return retries;
  throw invalidOption(
    'init.hip.retries must leave redirect out: init.redirect says what becomes of redirects, and fetch() follows 20 at most',
  );
}
