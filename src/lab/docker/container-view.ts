/** What an observation has of a container: as plain JSON, without a type of dockerode. */
import type { Problem } from '../problem.ts';

/** A container of the lab, as `docker inspect` reports it. */
export type ContainerView = {
  readonly id: string; // the first 12 digits
  readonly name: string;
  readonly image: string; // as requested: 'postgres:18'
  readonly user: string | null; // as requested: '1000:1000'; null: the image decides
  readonly service?: ComposeService; // docker compose made it
  readonly major: number | null; // PG_MAJOR of the image; null: the image does not set it
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  readonly exitCode: number | null; // of the last run; null while it runs
  readonly outOfMemory: boolean;
  readonly error: string | null; // Docker's error when it could not start the container
  readonly health: string | null; // 'starting', 'healthy', 'unhealthy'; null: the image has no health check
  readonly initialising: boolean; // the entrypoint's temporary server runs: no connections over the network
  readonly aliases: readonly string[]; // its other names in its networks: a service of compose has its own
  readonly networks: readonly ContainerNetwork[];
  readonly published: readonly { readonly host: string; readonly port: number }[]; // of port 5432
  readonly lessonsPort: number; // the port of this machine at which the lessons publish it
  readonly mount: Mount | null; // of the data directory; null: the data is inside the container, and removed with it
  readonly others: readonly Mount[];
  readonly data: string; // PGDATA inside the container
  readonly ours: boolean; // the workshop made it
};
export type Mount = {
  readonly kind: 'folder' | 'volume' | 'other';
  readonly source: string;
  readonly shown?: string; // a source inside the lab, relative to it
  readonly target: string;
};
/** command: the words that begin a command line for its project, 'docker', 'compose', '-f', … */
export type ComposeService = { readonly name: string; readonly file: string; readonly command: readonly string[] };
export type ContainerNetwork = {
  readonly name: string;
  readonly address: string | null; // while it runs
  readonly prefix: number | null; // length of the network prefix in bits
  readonly gateway: string | null;
};

/** A container that has the name of one of the lab's servers but is not the lab's. It is never touched. */
export type ForeignContainer = {
  readonly name: string;
  readonly id: string;
  readonly image: string;
  readonly state: string;
  readonly mayBeTheLabs: boolean; // it has the tutorial's name and mount: the learner is asked once
};

/** The words for it wherever it is met. It is somebody's: nobody is told to stop, to start or to remove it. */
export const foreignWords = ({ name, image, id, mayBeTheLabs }: ForeignContainer): Problem => ({
  what: mayBeTheLabs
    ? `The container "${name}" (${image}, ${id}) is made as the tutorial makes it, and was not given to this lab.`
    : `The container "${name}" (${image}, ${id}) is not this lab's, so it is left alone.`,
  fix: mayBeTheLabs
    ? 'If it is yours, give it to the lab: repl-workshop adopt.'
    : 'Two containers cannot have one name: make a lab with other names (repl-workshop --engine docker --lab DIR --name PREFIX), or give yours another one (docker rename).',
});
