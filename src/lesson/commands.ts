/**
 * A lab command as a learner types it: for native servers in the lab's shell, or with docker. On Docker it names what
 * was seen of the server's container, where there is one.
 */
import type { LabCommand } from '../check/lab-command.ts';
import { dataInside, reachedInside, serverPlan } from '../lab/plan/plan.ts';
import { dockerPlace, labels, type SeenPlan } from '../lab/plan/plan-seen.ts';
import { formatConninfo } from '../postgres/conninfo.ts';
import { asUser, copyWords, mountWord, putAsideWords, throwAway } from './docker-words.ts';
import { shellString, shellWord } from './shell-word.ts';

export function commandWords(command: LabCommand, plan: SeenPlan): string {
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
      const { on, to } = command;
      if (docker) return putAsideWords(plan, on, to);
      return `mv ${data(on)} ${shellWord(to ?? `${serverPlan(plan, on).data}.old`)}`;
    }
    case 'copy-data':
      return docker ? copyWords(plan, command.from, command.to) : `cp -a ${data(command.from)} ${data(command.to)}`;
    case 'clone': {
      const { from, to } = command;
      const backup = (at: string, folder: string) =>
        `pg_basebackup -h ${at} -U ${user} -D ${folder} -X stream -c fast -P`;
      if (!docker)
        return `PGPASSWORD=${shellWord(password)} ${backup(`${host} -p ${serverPlan(plan, from).port}`, data(to))}`;
      const { network } = dockerPlace(plan, to);
      const options = `--network ${network} ${asUser(plan, to)}-e PGPASSWORD=${shellWord(password)} -v ${mountWord(plan, to)} `;
      const script = `mkdir -p "$PGDATA" && ${backup(reachedInside(plan, from).host, '"$PGDATA"')}`;
      return throwAway(plan, to, options, `sh -c '${script}'`);
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

function dockerRun(plan: SeenPlan, on: string): string {
  const { database, password } = serverPlan(plan, on);
  const { container, network, image, kind, source, port, data, isOutside, service } = dockerPlace(plan, on);
  if (service) return [...service.command, 'up', '-d', '--force-recreate', service.name].map(shellWord).join(' ');
  // Docker would create the folder as root.
  const isMade = plan.docker?.user != null && kind === 'folder' && !isOutside;
  // Nothing but labels tells that a container on a mount of the learner's own is the lab's.
  const marks = isOutside ? `--label ${labels.lab}=${plan.id} --label ${labels.server}=${on} ` : '';
  const inside = data === dataInside(plan.major) ? '' : `-e PGDATA=${shellWord(data)} `;
  return [
    isMade ? `mkdir -p ${shellWord(source)} && ` : '',
    `docker run -d --name ${container} --network ${network} -p ${plan.host}:${port}:5432 ${marks}${asUser(plan, on)}`,
    `-e POSTGRES_PASSWORD=${shellWord(password)} -e POSTGRES_DB=${shellWord(database)} ${inside}`,
    `-v ${mountWord(plan, on)} ${image} `,
    '-c log_replication_commands=on -c track_commit_timestamp=on -c wal_retrieve_retry_interval=200ms',
  ].join('');
}

/** On Docker the container's user owns the files, so a throw-away container with its own $PGDATA runs the command. */
function inData(plan: SeenPlan, on: string, command: (folder: string) => string): string {
  if (!plan.docker) return command(shellWord(serverPlan(plan, on).data));
  const options = `${asUser(plan, on)}--volumes-from ${dockerPlace(plan, on).container} `;
  return throwAway(plan, on, options, `sh -c ${shellWord(command('"$PGDATA"'))}`);
}

/** A file outside of the data directory has its whole path. */
function chmodFile(plan: SeenPlan, on: string, file: string): string {
  const { data } = serverPlan(plan, on);
  if (!plan.docker || !file.startsWith(`${data}/`)) return `chmod u+rw ${shellWord(file)}`;
  const inside = file.slice(data.length + 1).replace(/^\d+\/docker\//, '');
  return inData(plan, on, (folder) => `chmod u+rw ${folder}/${shellWord(inside)}`);
}
