/** What undoes a coding could not be loaded. Nothing is lost: the content is as it was. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
}
