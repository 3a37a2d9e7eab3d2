/** What `postgres -C` says about the configuration files; the wording is that of 13 to 18. */
import { parseLog } from '../../postgres/log/log.ts';

/** A message of PostgreSQL about its configuration files. `name`: the parameter of which it speaks. */
export type RefusedConf = {
  readonly message: string;
  readonly file?: string; // as in `ConfFile`
  readonly line?: number;
  readonly name?: string;
};

/** The messages on its standard error. `shown`: a server's path as observations show it. */
export function refusedIn(stderr: string, shown: (path: string) => string): readonly RefusedConf[] {
  const said = parseLog(stderr).filter(({ message }) => !/ contains errors$/.test(message));
  const faults = said.filter(
    ({ level, message }) => level === 'LOG' || level === 'FATAL' || /^postgres: /.test(message),
  );
  return faults.map(({ message }) => {
    const [, file, line] = /in file "([^"]+)" line (\d+)/.exec(message) ?? [];
    const name = /parameter "([^"]+)"/.exec(message)?.[1];
    return {
      message: message.replace(/^postgres: /, '').replace(/ in file "[^"]+" line \d+/, ''),
      ...(file && line ? { file: shown(file), line: Number(line) } : {}),
      ...(name ? { name } : {}),
    };
  });
}
