/**
 * Gives a class what the standards give such classes: constants, `0` for the first name and so on, and for each type of event
 * an attribute `on…` (HTML standard, "event handlers"). A handler takes its turn where one was set first; what is no object
 * is none.
 */
export function defineMembers(
  target: { readonly prototype: EventTarget },
  constants: readonly string[],
  types: readonly string[],
): void {
  const { prototype } = target;
  for (const [value, name] of constants.entries()) {
    for (const holder of [target, prototype])
      Object.defineProperty(holder, name, { value, enumerable: true });
  }
  for (const type of types) {
    const handlers = new WeakMap<EventTarget, unknown>();
    Object.defineProperty(prototype, `on${type}`, {
      enumerable: true,
      configurable: true,
      get(this: EventTarget) {
        return handlers.get(this) ?? null;
      },
      set(this: EventTarget, given: unknown) {
        const handler = Object(given) === given ? given : null;
        if (handler !== null && !handlers.has(this)) {
          this.addEventListener(type, (event) => {
            const current = handlers.get(this);
            if (typeof current === 'function') current.call(this, event);
          });
        }
        if (handler !== null || handlers.has(this)) handlers.set(this, handler);
      },
    });
  }
}
