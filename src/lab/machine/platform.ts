import { ProblemError } from '../problem.ts';

/** Where native servers are known to work. Throws a ProblemError elsewhere. */
export function supportedPlatform(platform = process.platform): string {
  if (platform === 'linux' || platform === 'darwin') return `${platform}: supported`;
  throw new ProblemError({ what: `${platform} is not supported.`, fix: 'Use Linux, macOS, or WSL 2 on Windows.' });
}
