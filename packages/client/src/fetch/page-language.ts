/** What a page's user reads, as a value of `accept-language` (RFC 9110 §12.5.4); `undefined` where nobody knows. */
export function acceptedLanguages(): string | undefined {
  const { navigator } = globalThis as { navigator?: { language?: string; languages?: readonly string[] } };
  const languages = navigator?.languages ?? (navigator?.language === undefined ? [] : [navigator.language]);
  if (languages.length === 0) return undefined;
  // Less wanted by a tenth each, as browsers write it.
  return languages
    .slice(0, 10)
    .map((language, at) => (at === 0 ? language : `${language};q=${((10 - at) / 10).toFixed(1)}`))
    .join(',');
}
