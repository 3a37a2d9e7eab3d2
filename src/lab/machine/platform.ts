import { ProblemError } from '../problem.ts';

/** Returns a sentence for doctor. Throws a ProblemError where native servers are not known to work. */
export function supportedPlatform(platform = process.platform): string {
  if (platform === 'linux' || platform === 'darwin') return `${platform}: supported`;
  throw new ProblemError({ what: `${platform} is not supported.`, fix: 'Use Linux, macOS, or WSL 2 on Windows.' });
}
