/** Gives a class the name that the standard has for it: a bundler that moves it may leave it with another. */
export function nameClass(named: object, name: string): void {
  Object.defineProperty(named, 'name', { value: name, configurable: true });
}
