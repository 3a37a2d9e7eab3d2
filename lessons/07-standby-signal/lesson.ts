import { type Action, defineLesson, standbySignal } from '#lesson';

const touch = (file: string, on = 'slave'): Action => ({ do: 'touch', on, file });
const write = (file: string, text: string): Action => ({ do: 'write', on: 'slave', file, text });

export default defineLesson({
  id: 'standby-signal',
  minutes: 5,
  tasks: [
    { id: 'without-it', kind: 'answer', questions: ['without-signal'] },
    { id: 'signal', kind: 'state', check: standbySignal('slave', 'master'), solution: [touch('standby.signal')] },
  ],
  mistakes: [
    {
      id: 'wrong-name',
      story: 'My editor saved it as standby.signal.txt.',
      actions: [touch('standby.signal.txt')],
      caught: { task: 'signal', cause: 'signal-wrong-name' },
    },
    {
      id: 'recovery-signal',
      story: 'I made recovery.signal.',
      actions: [touch('recovery.signal')],
      caught: { task: 'signal', cause: 'recovery-signal' },
    },
    {
      id: 'recovery-conf',
      story: 'I found recovery.conf in an old text.',
      actions: [write('recovery.conf', 'standby_mode = on\n')],
      caught: { task: 'signal', cause: 'recovery-conf' },
    },
    {
      id: 'standby-mode',
      story: 'I wrote standby_mode = on into postgresql.conf.',
      actions: [{ do: 'append', on: 'slave', file: 'postgresql.conf', line: 'standby_mode = on' }],
      caught: { task: 'signal', cause: 'standby-mode-parameter' },
    },
    {
      id: 'in-the-master',
      story: "I made it in the master's folder.",
      actions: [touch('standby.signal', 'master')],
      caught: { task: 'signal', cause: 'signal-in-the-master' },
    },
    {
      id: 'started-without',
      story: 'I started the slave before I made the file.',
      actions: [{ do: 'start', on: 'slave' }, touch('standby.signal')],
      caught: { task: 'signal', cause: 'started-without-signal' },
    },
  ],
  alternatives: [{ id: 'with-content', task: 'signal', actions: [write('standby.signal', 'on\n')] }],
});
