/** The Fetch standard's `Headers`: the platform's, which keep every field as long as they belong to no Request or Response. */
export const Headers = globalThis.Headers;
