/** The well-known sockets of Docker and Podman daemons, in the order in which they are tried. */
import { join } from 'node:path';

export type UsualSocket = {
  readonly path: string;
  readonly start: string; // advice when the socket exists and no daemon answers
  readonly forbidden: string; // advice when this user may not use the socket
};

export type ThisMachine = {
  readonly home: string;
  readonly uid: number;
  readonly platform: NodeJS.Platform;
};

type Place = readonly [path: string | undefined, start: string, forbidden?: string];

const ownAgain = 'Make the socket yours again, or run the workshop as the user whose engine it is.';

export function usualSockets(env: NodeJS.ProcessEnv, { home, uid, platform }: ThisMachine): readonly UsualSocket[] {
  const runtime = env.XDG_RUNTIME_DIR || (platform === 'linux' ? `/run/user/${uid}` : undefined);
  const config = env.XDG_CONFIG_HOME || join(home, '.config');
  const below = (folder: string | undefined, path: string) => (folder === undefined ? undefined : join(folder, path));
  const onMac = (path: string | undefined) => (platform === 'darwin' ? path : undefined);
  const onLinux = (path: string | undefined) => (platform === 'linux' ? path : undefined);
  const desktop = 'Start Docker Desktop.';
  const colima = 'Start it: colima start';
  const machine = 'Start it: podman machine start';
  const places: readonly Place[] = [
    ['/var/run/docker.sock', startSystem(platform), joinGroup],
    [join(home, '.docker/run/docker.sock'), desktop],
    [join(home, '.docker/desktop/docker.sock'), desktop],
    [join(env.COLIMA_HOME || join(home, '.colima'), 'default/docker.sock'), colima],
    [join(config, 'colima/default/docker.sock'), colima],
    [join(home, '.orbstack/run/docker.sock'), 'Start OrbStack.'],
    [join(home, '.rd/docker.sock'), 'Start Rancher Desktop.'],
    [below(runtime, 'docker.sock'), 'Start it: systemctl --user start docker'],
    [below(runtime, 'podman/podman.sock'), 'Start it: systemctl --user start podman.socket'],
    [onLinux('/run/podman/podman.sock'), 'Start it: sudo systemctl start podman.socket', ownPodman],
    [onMac(join(home, '.local/share/containers/podman/machine/podman.sock')), machine],
    [onMac(below(env.TMPDIR, 'podman/podman-machine-default-api.sock')), machine],
  ];
  return places.flatMap(([path, start, forbidden = ownAgain]) =>
    path === undefined ? [] : [{ path, start, forbidden }],
  );
}

const startSystem = (platform: NodeJS.Platform): string =>
  platform === 'linux'
    ? 'Start it: sudo systemctl start docker (without systemd: sudo service docker start), or start Docker Desktop.'
    : 'Start Docker Desktop, or whatever runs your containers.';

const joinGroup =
  'Join the group docker (sudo usermod -aG docker "$USER"), then log out and in again; or use rootless Docker. A member of that group can do what root can.';
const ownPodman = 'Root alone may use this one. Start your own: systemctl --user start podman.socket';
