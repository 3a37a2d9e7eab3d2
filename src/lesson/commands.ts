/** A lab command as a learner types it: for native servers in the lab's shell, or with docker. */
import type { LabCommand } from '../check/lab-command.ts';
import { type LabPlan, reachedInside, serverPlan, volumeName } from '../lab/plan/plan.ts';
import { formatConninfo } from '../postgres/conninfo.ts';
import { fill } from './format/fill.ts';
import { shellString, shellWord } from './shell-word.ts';

export function commandWords(command: LabCommand, plan: LabPlan): string {
  const { docker, host } = plan;
  const { user, password } = plan.replication;
  const data = (name: string) => shellWord(serverPlan(plan, name).data);
  const container = (name: string) => serverPlan(plan, name).container ?? name;
  const ctl = (on: string, what: string) => `pg_ctl -D ${data(on)} ${what}`;
  switch (command.do) {
    case 'create':
      return docker ? dockerRun(plan, command.on) : `initdb -D ${data(command.on)} -U postgres`;
    case 'start':
    case 'restart':
      return docker ? `docker ${command.do} ${container(command.on)}` : ctl(command.on, command.do);
    case 'reload':
      return docker
        ? commandWords({ ...command, do: 'sql', text: 'SELECT pg_reload_conf()' }, plan)
        : ctl(command.on, 'reload');
    case 'kill':
      return docker ? `docker kill ${container(command.on)}` : `kill -9 $(head -1 ${data(command.on)}/postmaster.pid)`;
    case 'stop': {
      const { on, how = 'fast', folder } = command;
      if (!docker)
        return `pg_ctl -D ${folder === undefined ? data(on) : shellWord(folder)} stop${how === 'fast' ? '' : ` -m ${how}`}`;
      if (how === 'fast') return `docker stop ${container(on)}`;
      return `docker kill --signal ${how === 'smart' ? 'TERM' : 'QUIT'} ${container(on)}`;
    }
    case 'touch':
      return inData(plan, command.on, (folder) => `touch ${folder}/${shellWord(command.file)}`);
    case 'remove':
      return inData(plan, command.on, (folder) => `rm ${folder}/${shellWord(command.file)}`);
    case 'rename':
      return inData(
        plan,
        command.on,
        (folder) => `mv ${folder}/${shellWord(command.file)} ${folder}/${shellWord(command.to)}`,
      );
    case 'chmod':
      return command.file === undefined
        ? inData(plan, command.on, (folder) => `chmod 700 ${folder}`)
        : chmodFile(plan, command.on, command.file);
    case 'put-aside': {
      const { on, to = `${serverPlan(plan, on).data}.old` } = command;
      const volume = volumeName(plan, on);
      if (docker?.storage === 'volume')
        return betweenVolumes(plan, volume, `${volume}.old`, 'cp -a /from/. /to/ && find /from -mindepth 1 -delete');
      return `mv ${data(on)} ${shellWord(to)}${docker ? ` && mkdir ${data(on)}` : ''}`;
    }
    case 'copy-data': {
      const { from, to } = command;
      return docker?.storage === 'volume'
        ? betweenVolumes(plan, volumeName(plan, from), volumeName(plan, to), 'cp -a /from/. /to/')
        : `cp -a ${data(from)} ${data(to)}`;
    }
    case 'clone': {
      const { from, to } = command;
      const backup = (at: string, folder: string) =>
        `pg_basebackup -h ${at} -U ${user} -D ${folder} -X stream -c fast -P`;
      if (!docker)
        return `PGPASSWORD=${shellWord(password)} ${backup(`${host} -p ${serverPlan(plan, from).port}`, data(to))}`;
      const script = `mkdir -p "$PGDATA" && ${backup(reachedInside(plan, from).host, '"$PGDATA"')}`;
      return fill(
        `docker run --rm --network {{network}} {{as-me}}-e PGPASSWORD=${shellWord(password)} -v {{${to}.mount}} {{image}} sh -c '${script}'`,
        plan,
      );
    }
    case 'replication-login': {
      const { from, on } = command;
      const login = (params: Readonly<Record<string, string>>) =>
        `psql ${shellString(formatConninfo({ ...params, replication: 'true', dbname: 'postgres' }))} -c IDENTIFY_SYSTEM`;
      return docker
        ? `docker exec ${container(from)} ${login({ host: reachedInside(plan, on).host, user, password })}`
        : `PGPASSWORD=${shellWord(password)} ${login({ host, port: String(serverPlan(plan, on).port), user })}`;
    }
    case 'sql': {
      const { on, text, database } = command;
      const server = docker ? `docker exec ${container(on)} psql` : `psql -h ${host} -p ${serverPlan(plan, on).port}`;
      return `${server} -U postgres${database === undefined ? '' : ` -d ${shellWord(database)}`} -c ${shellString(text)}`;
    }
    case 'run':
      return (docker && command.docker) ?? command.text;
  }
}

function dockerRun(plan: LabPlan, on: string): string {
  const { container = on, data, database, password, port } = serverPlan(plan, on);
  const folder = plan.docker?.user == null ? '' : `mkdir -p ${shellWord(data)} && `; // Docker would create it as root
  return fill(
    `${folder}docker run -d --name ${container} --network {{network}} -p {{host}}:${port}:5432 {{as-me}}-e POSTGRES_PASSWORD=${shellWord(password)} -e POSTGRES_DB=${shellWord(database)} -v {{${on}.mount}} {{image}} -c log_replication_commands=on -c track_commit_timestamp=on -c wal_retrieve_retry_interval=200ms`,
    plan,
  );
}

/** On Docker the container's user owns the files, so a throw-away container with its own $PGDATA runs the command. */
function inData(plan: LabPlan, on: string, command: (folder: string) => string): string {
  const { container = on, data } = serverPlan(plan, on);
  return plan.docker
    ? `${fill(`docker run --rm {{as-me}}--volumes-from ${container} {{image}}`, plan)} sh -c ${shellWord(command('"$PGDATA"'))}`
    : command(shellWord(data));
}

/** A file outside of the data directory has its whole path. */
function chmodFile(plan: LabPlan, on: string, file: string): string {
  const { data } = serverPlan(plan, on);
  if (!plan.docker || !file.startsWith(`${data}/`)) return `chmod u+rw ${shellWord(file)}`;
  const inside = file.slice(data.length + 1).replace(/^\d+\/docker\//, '');
  return inData(plan, on, (folder) => `chmod u+rw ${folder}/${shellWord(inside)}`);
}

const betweenVolumes = (plan: LabPlan, from: string, to: string, script: string): string =>
  fill(`docker run --rm -v ${from}:/from -v ${to}:/to {{image}} sh -c '${script}'`, plan);
