import { describe, expect, it } from 'vitest';
import { InvalidRequestError } from '../../src/errors.ts';
import { Timeout, type TimeoutOptions } from '../../src/pool/timeout.ts';
import { thrown } from '../support/client.ts';

describe('a Timeout', () => {
  it('limits nothing of its own accord', () => {
    expect({ ...new Timeout() }).toEqual({ total: null, connect: null, read: null, deadline: null });
    expect(new Timeout({ total: undefined, connect: null })).toEqual(new Timeout());
  });

  it('made of a number limits connect and read', () => {
    expect(Timeout.fromNumber(3)).toEqual(new Timeout({ connect: 3, read: 3 }));
    expect(Timeout.fromNumber(null)).toEqual(new Timeout());
  });

  it('is what a request may be given', () => {
    const timeout = new Timeout({ total: 5 });
    expect(Timeout.from(timeout)).toBe(timeout);
    expect(Timeout.from({ total: 5 })).toEqual(timeout);
    expect(Timeout.from(5)).toEqual(Timeout.fromNumber(5));
    expect(Timeout.from(null)).toEqual(new Timeout());
  });

  const refused: [TimeoutOptions, string][] = [
    [
      { connect: 0 },
      'Attempted to set connect timeout to 0, but the timeout cannot be set to a value less than or equal to 0.',
    ],
    [
      { read: -1 },
      'Attempted to set read timeout to -1, but the timeout cannot be set to a value less than or equal to 0.',
    ],
    [
      { total: -0.5 },
      'Attempted to set total timeout to -0.5, but the timeout cannot be set to a value less than or equal to 0.',
    ],
    [
      { deadline: 0 },
      'Attempted to set deadline timeout to 0, but the timeout cannot be set to a value less than or equal to 0.',
    ],
    [
      { connect: true as never },
      'Timeout cannot be a boolean value. It must be a number of milliseconds or null.',
    ],
    [
      { read: false as never },
      'Timeout cannot be a boolean value. It must be a number of milliseconds or null.',
    ],
    [{ read: '3' as never }, 'Timeout value read was 3, but it must be a number of milliseconds or null.'],
    [
      { total: {} as never },
      'Timeout value total was [object Object], but it must be a number of milliseconds or null.',
    ],
    [{ total: Number.NaN }, 'Timeout value total was NaN, but it must be a number of milliseconds or null.'],
    [
      { read: Number.POSITIVE_INFINITY },
      'Timeout value read was Infinity, but it must be a number of milliseconds or null.',
    ],
    [{ readMs: 3 } as never, 'Timeout has no option "readMs"; there are total, connect, read, deadline'],
  ];
  it.each(refused)('cannot be %j', (options, message) => {
    const error = thrown(() => new Timeout(options));
    expect(error).toBeInstanceOf(InvalidRequestError);
    expect(error).toMatchObject({ code: 'invalid_option', message });
  });
});

describe('the timeouts of an attempt', () => {
  const cases: [TimeoutOptions, elapsedMs: number, connect: number | null, read: number | null][] = [
    [{}, 5, null, null],
    [{ connect: 2 }, 1, 2, null],
    [{ read: 7 }, 1, null, 7],
    [{ connect: 2, read: 7 }, 1, 2, 7],
    [{ total: 3 }, 1, 3, 2],
    [{ total: 3, connect: 2 }, 1, 2, 2],
    [{ total: 3, connect: 5 }, 1, 3, 2],
    [{ total: 3, read: 7 }, 1, 3, 2],
    [{ total: 10, read: 7 }, 1, 10, 7],
    [{ total: 10, read: 7 }, 5, 10, 5],
    [{ total: 3, read: 7 }, 3, 3, 0],
    [{ total: 3, read: 7 }, 4, 3, 0],
    [{ deadline: 1, total: 3, read: 7 }, 0, 3, 3],
  ];
  it.each(cases)('with %j and %i ms of connecting are %j and %j', (options, elapsedMs, connect, read) => {
    const timeout = new Timeout(options);
    expect(timeout.connectTimeout).toBe(connect);
    expect(timeout.readTimeout(elapsedMs)).toBe(read);
    expect(timeout.readTimeout(elapsedMs)).toBe(read);
  });
});

describe('what the gateway is asked for', () => {
  const cases: [TimeoutOptions, object][] = [
    [{}, {}],
    [{ deadline: 5 }, {}],
    [{ connect: 2 }, { connectTimeoutMs: 2 }],
    [{ read: 7 }, { readTimeoutMs: 7 }],
    [{ total: 3 }, { totalTimeoutMs: 3 }],
    [
      { total: 3, connect: 1, read: 7 },
      { connectTimeoutMs: 1, readTimeoutMs: 7, totalTimeoutMs: 3 },
    ],
    // 0 would mean no limit there.
    [
      { connect: 0.2, read: 1.5, total: 2.5 },
      { connectTimeoutMs: 1, readTimeoutMs: 2, totalTimeoutMs: 3 },
    ],
  ];
  it.each(cases)('for %j is %j', (options, expected) => {
    expect(new Timeout(options).requestOptions()).toEqual(expected);
  });
});
