/** A running program that has a lab open (move.ts), and moves it when told. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { bundled } from '../bundle.ts';
import { scratch } from '../workshop.ts';
import { type BenchLab, lesson } from './bench-lab.ts';

export type RunningProgram = AsyncDisposable & { timeTo(how: 'goto' | 'reset' | 'undo'): Promise<number> };

export async function runningProgram(lab: BenchLab): Promise<RunningProgram> {
  const file = await bundled('test/bench/states/move.ts', scratch);
  const child = spawn(process.execPath, [file, lab.dir, lesson], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: lab.env,
  });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async timeTo(how) {
      child.stdin.write(`${how}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('The program that has the lab open has ended.');
      await lab.proves();
      return Number(value);
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}
