/** The problem to report when no Docker daemon answers. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Problem } from '../../problem.ts';
import { type EngineAddress, shownAddress } from './engine-address.ts';
import type { UsualSocket } from './well-known-sockets.ts';
import type { Why } from './why.ts';

/**
 * An address to try. A candidate that the user chose (DOCKER_HOST, a context) is the only one: `chosen` begins the
 * sentence about it, `otherwise` ends the advice.
 */
export type EngineCandidate = {
  readonly from: string;
  readonly address: EngineAddress;
  readonly env: Readonly<Record<string, string>>;
} & ({ readonly chosen: string; readonly otherwise: string } | { readonly usual: UsualSocket });
export type Tried = { readonly from: string; readonly where: string; readonly why: string };
export type Failed = Tried & { readonly way: EngineCandidate; readonly reason: Why };

/** Reports the first failure other than a missing socket, else that no daemon was found. */
export function problemOf(
  failed: readonly Failed[],
  usual: readonly UsualSocket[],
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): Problem {
  const reported = failed.find(({ reason }) => reason.kind !== 'nothing') ?? failed[0];
  if (reported && 'chosen' in reported.way) {
    const { address, chosen, otherwise } = reported.way;
    const known = usual.find(({ path }) => address.kind === 'unix' && path === address.path);
    return {
      what: `${chosen} (${shownAddress(address)}) ${reported.why}.`,
      fix: `${advice(reported.reason, known)} ${otherwise}`,
    };
  }
  if (!reported || reported.reason.kind === 'nothing') return noDaemon(env, platform);
  return {
    what: `The socket ${reported.where} ${reported.why}.`,
    fix: advice(reported.reason, 'usual' in reported.way ? reported.way.usual : undefined),
  };
}

function advice({ kind, fix }: Why, place: UsualSocket | undefined): string {
  if (fix !== undefined) return fix;
  if (kind === 'forbidden')
    return place?.forbidden ?? 'Make the socket yours, or run the workshop as the user whose engine it is.';
  if (kind === 'other') return 'See what "docker version" says in this terminal.';
  return place?.start ?? 'Start that engine.';
}

function noDaemon(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): Problem {
  const native = 'or go on without Docker: --engine native';
  if (!isOnPath('docker', env) && !isOnPath('podman', env))
    return {
      what: 'There is no Docker on this machine.',
      fix: `Install ${platform === 'darwin' ? 'Docker Desktop, OrbStack or Colima' : 'Docker Engine or Docker Desktop'}, ${native}`,
    };
  const start =
    platform === 'darwin' ? 'Start Docker Desktop (or: colima start, podman machine start)' : startOnLinux(env);
  return { what: 'Docker is installed, and no engine runs.', fix: `${start}, ${native}` };
}

const startOnLinux = (env: NodeJS.ProcessEnv): string =>
  env.WSL_DISTRO_NAME
    ? 'Start Docker Desktop and switch its WSL integration on for this distribution (or: sudo service docker start)'
    : 'Start it (sudo systemctl start docker; with Podman: systemctl --user start podman.socket)';

const isOnPath = (program: string, { PATH = '' }: NodeJS.ProcessEnv): boolean =>
  PATH.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false; // not in this folder
    }
  });
