import { describe, expect, it } from 'vitest';
import { defineMembers } from '../src/event-handlers.ts';

class Target extends EventTarget {
  declare onping: unknown;
  declare static readonly FIRST: number;
  declare readonly SECOND: number;
}
defineMembers(Target, ['FIRST', 'SECOND'], ['ping', 'pong']);

describe('constants', () => {
  it('are there on the class and its objects, and stay', () => {
    const target = new Target();
    expect([Target.FIRST, target.SECOND]).toEqual([0, 1]);
    expect(() => {
      (Target as { FIRST: number }).FIRST = 5;
    }).toThrow(TypeError);
    expect(Object.keys(Target.prototype)).toEqual(['FIRST', 'SECOND', 'onping', 'onpong']);
  });
});

describe('a handler', () => {
  it('is called with its target, in the place where one was set first', () => {
    const target = new Target();
    const called: string[] = [];
    target.onping = () => called.push('never');
    target.addEventListener('ping', () => called.push('listener'));
    target.onping = function (this: unknown, event: Event) {
      called.push(`${event.type} ${this === target}`);
    };
    target.dispatchEvent(new Event('ping'));
    expect(called).toEqual(['ping true', 'listener']);
  });

  it('is one for each target and type', () => {
    const [one, other] = [new Target(), new Target()];
    const called: string[] = [];
    one.onping = () => called.push('one');
    other.onping = () => called.push('other');
    one.dispatchEvent(new Event('ping'));
    one.dispatchEvent(new Event('pong'));
    expect(called).toEqual(['one']);
  });

  it.each([null, undefined, 5, 'text', false])('%s is none', (value) => {
    const target = new Target();
    let calls = 0;
    target.onping = value;
    expect(target.onping).toBeNull();
    target.onping = () => calls++;
    target.onping = value;
    expect(target.onping).toBeNull();
    target.dispatchEvent(new Event('ping'));
    expect(calls).toBe(0);
  });

  it('that is an object is kept, and cannot be called', () => {
    const target = new Target();
    const handler = { handleEvent: () => expect.unreachable() };
    target.onping = handler;
    target.dispatchEvent(new Event('ping'));
    expect(target.onping).toBe(handler);
  });
});
