import type { FieldLines } from '@hip/wire';
import type { RequestHistory } from '../errors.ts';
import type { ExchangeResponse } from '../exchange/exchange.ts';
import { type ExchangeInfo, exchangeInfo } from '../pool/exchange-info.ts';
import { type TlsInfo, tlsInfo } from '../pool/tls-info.ts';
import { pairs } from './tunnel-response.ts';

/** A response that came before the final one, such as 103 (RFC 9110 §15.2). */
export interface EarlyResponse {
  /** Status code, from 100 to 199. */
  readonly status: number;

  /** Header fields. */
  readonly headers: Headers;
}

/** How a response came: `response.hip`. Clones share it. */
export interface ResponseInfo extends ExchangeInfo {
  /** HTTP version spoken with the origin, or with a proxy that forwards: `1.0`, `1.1` or `2`. */
  readonly httpVersion: string;

  /** TLS of the connection; `undefined` where there was none. {@link TlsOptions.peerCertificates} asks for certificates. */
  readonly tls: TlsInfo | undefined;

  /** The attempts that came before, in order: redirects, and what was retried. */
  readonly history: readonly RequestHistory[];

  /** Informational responses (103 and the like) that came before this one. */
  readonly informational: readonly EarlyResponse[];

  /**
   * Trailer fields, once all content has arrived, which takes somebody who reads it. Rejects as reading does where it breaks
   * off or is given up.
   */
  readonly trailers: Promise<Headers>;
}

/** What is known of how a response came. */
export function responseInfo(
  response: ExchangeResponse,
  history: readonly RequestHistory[],
  errorOf: (reason: unknown) => unknown,
): ResponseInfo {
  const { body, informational, metadata } = response;
  let trailers: Promise<Headers> | undefined;
  return {
    ...exchangeInfo(response),
    httpVersion: metadata.httpVersion ?? '',
    tls: tlsInfo(response),
    history,
    informational: informational.map(({ status, fields }) => ({ status, headers: headersOf(fields) })),
    // Only for those who ask: nobody else could handle its rejection.
    get trailers() {
      trailers ??= new Promise((resolve, reject) => {
        const look = (): void => {
          if (body.isComplete) resolve(headersOf(body.trailers));
          else if (body.error !== undefined) reject(errorOf(body.error.reason));
        };
        body.watch(look);
        look();
      });
      return trailers;
    },
  };
}

function headersOf(fields: FieldLines): Headers {
  return new Headers(pairs(fields));
}
