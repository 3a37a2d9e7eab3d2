/** What a command line of docker names: containers, volumes, networks and folders that have to be there. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dockerMay } from '../learner.ts';

type Named = { readonly kind: 'container' | 'volume' | 'network' | 'folder'; readonly name: string };

const ofContainers = /^(start|stop|restart|kill|exec|unpause|pause|rm|rename|logs|inspect|port|top|stats)$/;
const optionsWithValue =
  /^(-e|-d|-p|-v|-U|--signal|--name|--user|--network|--label|--volumes-from|--format|-h|--tail)$/;

/** A small reader of shell words: single and double quotes, and && between commands. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/(?:'[^']*'|"(?:\\.|[^"\\])*"|[^\s'"])+/g)].map(([word]) => word.replace(/['"]/g, ''));

function namedIn(line: string): readonly Named[] {
  const named: Named[] = [];
  for (const command of line.split(/\s*(?:&&|\n|\|)\s*/)) {
    const words = wordsOf(command);
    if (words[0] === 'mv' && words[1]) named.push({ kind: 'folder', name: words[1] });
    if (words[0] !== 'docker') continue;
    const [, verb = '', ...rest] = words;
    if (ofContainers.test(verb)) {
      const free = rest.filter((word, at) => !word.startsWith('-') && !optionsWithValue.test(rest[at - 1] ?? ''));
      const many = /^(start|stop|restart|unpause|pause|rm)$/.test(verb);
      named.push(...free.slice(0, many ? free.length : 1).map((name) => ({ kind: 'container', name }) as const));
    }
    if (verb === 'network' && rest[0] === 'connect') {
      const [network, container] = rest
        .slice(1)
        .filter((word, at, all) => !/^--alias$/.test(word) && all[at - 1] !== '--alias');
      if (network) named.push({ kind: 'network', name: network });
      if (container) named.push({ kind: 'container', name: container });
    }
    if (verb !== 'run') continue;
    for (const [at, word] of rest.entries()) {
      const value = rest[at + 1] ?? '';
      if (word === '--network') named.push({ kind: 'network', name: value });
      if (word === '--volumes-from') named.push({ kind: 'container', name: value });
      const [source = '', target] = word === '-v' ? value.split(':') : [];
      if (source !== '' && target !== '/to')
        named.push({ kind: source.includes('/') || source.startsWith('$') ? 'folder' : 'volume', name: source });
    }
  }
  return named;
}

/** Resolves with what is not there, in words. */
export async function missingIn(line: string, dir: string): Promise<readonly string[]> {
  const missing: string[] = [];
  const made = new Set([...line.matchAll(/network create (\S+)/g)].map(([, name]) => name));
  for (const { kind, name } of namedIn(line)) {
    const path = join(dir, '.', name.replace(/^\$PWD\//, ''));
    const isThere =
      kind === 'folder'
        ? existsSync(name.startsWith('/') ? name : path)
        : made.has(name) || (await dockerMay(kind, 'inspect', name)).status === 0;
    if (!isThere) missing.push(`${kind} ${name} in: ${line}`);
  }
  return missing;
}
