/** Sizes in words. */

/** '86 MB'; for undefined, that the size is not known. */
export function sizeWords(bytes: number | undefined): string {
  if (bytes === undefined) return 'size unknown';
  const mb = bytes / 1e6;
  if (mb >= 1000) return `${(mb / 1000).toFixed(1)} GB`;
  return mb >= 1 ? `${Math.round(mb)} MB` : `${Math.ceil(bytes / 1000)} kB`;
}
