/** A deed as a learner types it: in the lab's shell on native servers, or with docker. Verdicts, plans and the tour say deeds through this table. */
import { dataInside, type LabPlan, mountTarget, reachedInside, serverPlan, volumeName } from '../lab/plan/plan.ts';
import { fill } from './format/fill.ts';

export type Commands = {
  create(on: string): string;
  start(on: string): string;
  stop(on: string, how?: 'smart' | 'fast' | 'immediate', folder?: string): string; // folder: where the data directory was moved to under it
  restart(on: string): string;
  reload(on: string): string;
  kill(on: string): string;
  wake(on: string, pid: number | undefined): string; // one that is held
  psql(on: string, text: string, database?: string): string;
  touch(on: string, file: string): string;
  remove(on: string, file: string): string;
  rename(on: string, file: string, to: string): string;
  close(on: string): string; // mode 0700 for the data directory
  own(on: string): string; // the data directory back to the servers' user
  edit(on: string, file: string, line: number | undefined, text: string | undefined): string; // file: in the data directory, or as observations name it
  putAside(on: string, to: string): string;
  copyData(from: string, to: string): string;
  clone(from: string, to: string): string;
  knock(from: string, on: string): string;
};

export const commandsOf = (plan: LabPlan): Commands => (plan.engine === 'docker' ? docker(plan) : native(plan));

const quoted = (text: string): string => `"${text.replace(/[\\"$`]/g, '\\$&')}"`;
const toDatabase = (database: string | undefined): string => (database === undefined ? '' : ` -d ${database}`);

function native(plan: LabPlan): Commands {
  const data = (name: string) => serverPlan(plan, name).data;
  const { user, password } = plan.replication;
  const ctl = (on: string, what: string, folder = data(on)) => `pg_ctl -D ${folder} ${what}`;
  return {
    create: (on) => `initdb -D ${data(on)} -U postgres`,
    start: (on) => ctl(on, 'start'),
    stop: (on, how = 'fast', folder = data(on)) => ctl(on, how === 'fast' ? 'stop' : `stop -m ${how}`, folder),
    restart: (on) => ctl(on, 'restart'),
    reload: (on) => ctl(on, 'reload'),
    kill: (on) => `kill -9 $(head -1 ${data(on)}/postmaster.pid)`,
    wake: (_, pid) => `kill -CONT ${pid ?? ''}`,
    psql: (on, text, database) =>
      `psql -h ${plan.host} -p ${serverPlan(plan, on).port} -U postgres${toDatabase(database)} -c ${quoted(text)}`,
    touch: (on, file) => `touch ${data(on)}/${file}`,
    remove: (on, file) => `rm ${data(on)}/${file}`,
    rename: (on, file, to) => `mv ${data(on)}/${file} ${data(on)}/${to}`,
    close: (on) => `chmod 700 ${data(on)}`,
    own: (on) => `give ${data(on)} and all in it back to the user who runs servers: chown -R`,
    edit(on, file, line, text) {
      const path = file.startsWith('/') || file.startsWith(`${data(on)}/`) ? file : `${data(on)}/${file}`;
      return `edit ${path}${line === undefined ? '' : `, line ${line}`}${text === undefined ? '' : `: ${text}`}`;
    },
    putAside: (on, to) => `mv ${data(on)} ${to}`,
    copyData: (from, to) => `cp -a ${data(from)} ${data(to)}`,
    clone: (from, to) =>
      `PGPASSWORD=${password} pg_basebackup -h ${plan.host} -p ${serverPlan(plan, from).port} -U ${user} -D ${data(to)} -X stream -c fast -P`,
    knock: (_, on) =>
      `PGPASSWORD=${password} psql "host=${plan.host} port=${serverPlan(plan, on).port} user=${user} replication=true dbname=postgres" -c IDENTIFY_SYSTEM`,
  };
}

/** What belongs to the container's user is touched from inside a throw-away container, which fills in $PGDATA. */
function docker(plan: LabPlan): Commands {
  const filled = (text: string) => fill(text, plan);
  const container = (name: string) => serverPlan(plan, name).container ?? name;
  const data = (name: string) => serverPlan(plan, name).data;
  const volumes = plan.docker?.storage === 'volume';
  const { user, password } = plan.replication;
  const inside = (on: string, command: string) =>
    filled(`docker run --rm {{as-me}}--volumes-from ${container(on)} {{image}} sh -c '${command}'`);
  const betweenVolumes = (from: string, to: string, command: string) =>
    filled(`docker run --rm -v ${from}:/from -v ${to}:/to {{image}} sh -c '${command}'`);
  return {
    create: (on) => {
      const { database, password: own, port } = serverPlan(plan, on);
      const folder = plan.docker?.user == null ? '' : `mkdir -p ${data(on)} && `; // Docker would make it as root
      return filled(
        `${folder}docker run -d --name ${container(on)} --network {{network}} -p {{host}}:${port}:5432 {{as-me}}-e POSTGRES_PASSWORD=${own} -e POSTGRES_DB=${database} -v {{${on}.mount}} {{image}} -c log_replication_commands=on -c track_commit_timestamp=on -c wal_retrieve_retry_interval=200ms`,
      );
    },
    start: (on) => `docker start ${container(on)}`,
    stop: (on, how = 'fast') =>
      how === 'fast'
        ? `docker stop ${container(on)}`
        : `docker kill --signal ${how === 'smart' ? 'TERM' : 'QUIT'} ${container(on)}`,
    restart: (on) => `docker restart ${container(on)}`,
    reload: (on) => `docker exec ${container(on)} psql -U postgres -c "SELECT pg_reload_conf()"`,
    kill: (on) => `docker kill ${container(on)}`,
    wake: (on) => `docker unpause ${container(on)}`,
    psql: (on, text, database) =>
      `docker exec ${container(on)} psql -U postgres${toDatabase(database)} -c ${quoted(text)}`,
    touch: (on, file) => inside(on, `touch "$PGDATA"/${file}`),
    remove: (on, file) => inside(on, `rm "$PGDATA"/${file}`),
    rename: (on, file, to) => inside(on, `mv "$PGDATA"/${file} "$PGDATA"/${to}`),
    close: (on) => inside(on, 'chmod 700 "$PGDATA"'),
    own: (on) =>
      filled(
        `docker run --rm --user root --volumes-from ${container(on)} {{image}} chown -R ${plan.docker?.user == null ? 'postgres:' : '"$(id -u):$(id -g)"'} ${dataInside(plan.major)}`,
      ),
    // A learner's own editor may often not open the file; the rest of the line is for reading, and no harm in a shell.
    edit(on, file, line, text) {
      const place = line === undefined ? '' : `line ${line}`;
      const note = [place, text].filter(Boolean).join(': ');
      return `repl-workshop edit ${on} ${inData(plan, on, file)}${note ? `  # ${note}` : ''}`;
    },
    putAside: (on, to) =>
      volumes
        ? betweenVolumes(
            volumeName(plan, on),
            `${volumeName(plan, on)}.old`,
            'cp -a /from/. /to/ && find /from -mindepth 1 -delete',
          )
        : `mv ${data(on)} ${to} && mkdir ${data(on)}`,
    copyData: (from, to) =>
      volumes
        ? betweenVolumes(volumeName(plan, from), volumeName(plan, to), 'cp -a /from/. /to/')
        : `cp -a ${data(from)} ${data(to)}`,
    clone: (from, to) =>
      filled(
        `docker run --rm --network {{network}} {{as-me}}-e PGPASSWORD=${password} -v {{${to}.mount}} {{image}} sh -c 'mkdir -p "$PGDATA" && pg_basebackup -h ${reachedInside(plan, from).host} -U ${user} -D "$PGDATA" -X stream -c fast -P'`,
      ),
    knock: (from, on) =>
      `docker exec ${container(from)} psql "host=${reachedInside(plan, on).host} user=${user} password=${password} replication=true dbname=postgres" -c IDENTIFY_SYSTEM`,
  };
}

/** 'rep/master_data/18/docker/pg_hba.conf', 'master:/var/lib/postgresql/18/docker/pg_hba.conf' → 'pg_hba.conf' */
function inData(plan: LabPlan, on: string, file: string): string {
  const inside = dataInside(plan.major);
  const shown = [`${serverPlan(plan, on).data}${inside.slice(mountTarget(plan.major).length)}/`, `${on}:${inside}/`];
  return shown.reduce((path, start) => (path.startsWith(start) ? path.slice(start.length) : path), file);
}
