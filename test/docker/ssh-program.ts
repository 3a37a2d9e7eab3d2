/** An imitated "ssh" that runs the remote command on this machine. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export type SshProgram = {
  /** The environment with the program first on PATH. */
  readonly env: NodeJS.ProcessEnv;
  /** The arguments of each call, as one line. */
  calls(): readonly string[];
  /** The process ids of connections, without calls about the config. */
  pids(): readonly number[];
};

/** `alias` is the host name that the ssh config gives to every host; `instead` are shell lines before the command. */
export function makeSsh(
  folder: string,
  over: { readonly socketPath: string; readonly alias?: string; readonly instead?: string },
): SshProgram {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const program = `#!/bin/sh
echo "$*" >>"${folder}/calls"
question=
while [ "$1" != -- ]; do
  [ "$1" = -G ] && question=yes
  shift
done
if [ -n "$question" ]; then
  printf 'user me\\nhostname %s\\nport 22\\n' ${over.alias ?? '"$2"'}
  exit 0
fi
shift 2
echo $$ >>"${folder}/pids"
${over.instead ?? ''}
DOCKER_HOST=unix://${over.socketPath}
export DOCKER_HOST
exec sh -c "exec $*"
`;
  writeFileSync(join(bin, 'ssh'), program);
  chmodSync(join(bin, 'ssh'), 0o755);
  const { DOCKER_HOST: _host, DOCKER_CONTEXT: _context, ...env } = process.env;
  const lines = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8').trimEnd().split('\n') : [];
  return {
    env: { ...env, PATH: `${bin}:${env.PATH}` },
    calls: () => lines('calls'),
    pids: () => lines('pids').map(Number),
  };
}
