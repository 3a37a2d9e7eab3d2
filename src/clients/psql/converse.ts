/** Interactive psql at a terminal. */
import { createInterface } from 'node:readline';
import { connectAgain } from './reconnect.ts';
import type { Shell } from './shell.ts';
import { completer } from './typing/completer.ts';
import { keepLine, readHistory } from './typing/history.ts';
import { newScanner, performLine } from './typing/script.ts';

/**
 * Reads statements with a prompt and a history. Ctrl-C cancels a running statement, else it clears the line. Resolves
 * with the exit status.
 */
export async function converse(shell: Shell): Promise<number> {
  const { io } = shell;
  const scan = newScanner(shell);
  if (!shell.quiet)
    io.output.write(
      `psql (the small one of repl-workshop), server ${shell.session?.parameters.get('server_version')}\nType "help" for help.\n\n`,
    );
  const complete = completer(shell, scan.pending);
  const historyFile = io.env.PSQL_HISTORY;
  const editor = createInterface({
    input: io.input,
    output: io.output,
    terminal: true,
    historySize: 500,
    history: readHistory(historyFile),
    completer: (line: string, answer: (error: Error | null, found?: [string[], string]) => void) => {
      complete(line).then((found) => answer(null, found), answer);
    },
  });
  let canSave = true;
  const saveLine = (line: string) => {
    const problem = canSave ? keepLine(historyFile, line) : undefined;
    if (problem) io.error.write(`psql: ${problem}\n`);
    canSave &&= problem === undefined; // the problem is printed once
  };
  const ask = () => {
    editor.setPrompt(promptOf(shell, scan.mark()));
    editor.prompt();
  };
  editor.on('SIGINT', () => {
    if (shell.interrupt) return shell.interrupt();
    scan.clear();
    editor.write(null, { ctrl: true, name: 'e' });
    editor.write(null, { ctrl: true, name: 'u' });
    io.output.write('\n');
    ask();
  });
  try {
    ask();
    for await (const line of editor) {
      saveLine(line);
      const words = scan.pending() ? '' : line.trim().replace(/;$/, '');
      const typed = { help: '\\?', quit: '\\q', exit: '\\q' }[words] ?? line;
      const outcome = await performLine(shell, scan, typed);
      if (outcome === 'quit') return 0;
      if (outcome === 'lost') await connectAgain(shell);
      ask();
    }
    io.output.write('\\q\n');
    return 0;
  } finally {
    editor.close();
  }
}

/** The prompt of the real psql: `master=# `, `master-*> `; `!` without a connection. */
function promptOf({ session }: Shell, mark: string): string {
  const userMark = session?.parameters.get('is_superuser') === 'on' ? '#' : '>';
  const open = { idle: '', open: '*', failed: '!' }[session?.transaction() ?? 'idle'];
  return `${session ? session.target.database : '!'}${mark}${open}${userMark} `;
}
