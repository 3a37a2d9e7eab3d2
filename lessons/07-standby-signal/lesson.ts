import { type Action, defineLesson, standbySignal } from '#lesson';

const file = (name: string, on = 'slave', text = ''): Action => ({ do: 'write', on, file: name, text });

export default defineLesson({
  id: 'standby-signal',
  minutes: 5,
  tasks: [
    { id: 'without-it', kind: 'answer', questions: ['without-signal'] },
    { id: 'signal', kind: 'state', check: standbySignal('slave', 'master'), solution: [file('standby.signal')] },
  ],
  mistakes: [
    {
      id: 'wrong-name',
      story: 'My editor saved it as standby.signal.txt.',
      actions: [file('standby.signal.txt')],
      caught: { task: 'signal', cause: 'signal-wrong-name' },
    },
    {
      id: 'recovery-signal',
      story: 'I made recovery.signal.',
      actions: [file('recovery.signal')],
      caught: { task: 'signal', cause: 'recovery-signal' },
    },
    {
      id: 'recovery-conf',
      story: 'I found recovery.conf in an old text.',
      actions: [file('recovery.conf', 'slave', 'standby_mode = on\n')],
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
      actions: [file('standby.signal', 'master')],
      caught: { task: 'signal', cause: 'signal-in-the-master' },
    },
    {
      id: 'started-without',
      story: 'I started the slave before I made the file.',
      actions: [{ do: 'start', on: 'slave' }, file('standby.signal')],
      caught: { task: 'signal', cause: 'started-without-signal' },
    },
  ],
  alternatives: [{ id: 'with-content', task: 'signal', actions: [file('standby.signal', 'slave', 'on\n')] }],
});
