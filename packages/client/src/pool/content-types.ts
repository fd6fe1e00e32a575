/** Content types by what a file name ends with: those that forms are likely to carry, as Python's `mimetypes` has them. */
const TYPES: Readonly<Record<string, string>> = {
  avif: 'image/avif',
  avi: 'video/x-msvideo',
  bmp: 'image/bmp',
  css: 'text/css',
  csv: 'text/csv',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  gif: 'image/gif',
  htm: 'text/html',
  html: 'text/html',
  ico: 'image/vnd.microsoft.icon',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: 'text/javascript',
  json: 'application/json',
  md: 'text/markdown',
  mjs: 'text/javascript',
  mov: 'video/quicktime',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  mpeg: 'video/mpeg',
  odt: 'application/vnd.oasis.opendocument.text',
  pdf: 'application/pdf',
  png: 'image/png',
  ppt: 'application/vnd.ms-powerpoint',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  py: 'text/x-python',
  rtf: 'application/rtf',
  sh: 'application/x-sh',
  svg: 'image/svg+xml',
  tar: 'application/x-tar',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  txt: 'text/plain',
  wasm: 'application/wasm',
  wav: 'audio/x-wav',
  webm: 'video/webm',
  webp: 'image/webp',
  woff: 'font/woff',
  woff2: 'font/woff2',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  xml: 'text/xml',
  zip: 'application/zip',
};

/**
 * The content type a file name suggests (urllib3's `guess_content_type`).
 *
 * @defaultValue application/octet-stream where it suggests none
 */
export function guessContentType(
  filename: string | undefined,
  fallback = 'application/octet-stream',
): string {
  // Not a name that only begins with a dot; nor `constructor`, which every object has.
  const [, extension = ''] = /[^/]\.([^.]+)$/.exec(filename ?? '') ?? [];
  const key = extension.toLowerCase();
  return Object.hasOwn(TYPES, key) ? (TYPES[key] as string) : fallback;
}
