import { type Action, defineLesson, measured } from '#lesson';

const measure = (more: Partial<Extract<Action, { do: 'measure' }>> = {}): Action => ({ do: 'measure', ...more });

export default defineLesson({
  id: 'what-it-costs',
  minutes: 10,
  disturbs: [
    'point-the-slave-at-the-master/conninfo',
    'start-and-read-the-logs/streams',
    'prove-it/row-on-both',
    'synchronous/names',
    'synchronous/sync',
  ],
  tasks: [
    { id: 'near', kind: 'event', check: measured('near'), solution: [measure()] },
    { id: 'read-the-numbers', kind: 'answer', questions: ['what-costs', 'stale', 'distance'] },
    { id: 'far', kind: 'event', check: measured('far'), solution: [measure({ distance: 5 })] },
    { id: 'pros-and-cons', kind: 'answer', questions: ['availability', 'slow-writes'] },
  ],
  mistakes: [
    {
      id: 'with-off',
      story: 'I compared with synchronous_commit = off.',
      actions: [measure({ levels: ['off', 'on'] })],
      caught: { task: 'near', cause: 'compared-with-off' },
    },
    {
      id: 'two-levels',
      story: 'I measured two levels only.',
      actions: [measure({ levels: ['local', 'on'] })],
      caught: { task: 'near', cause: 'levels-missing' },
    },
    {
      id: 'on-the-slave',
      story: 'I measured on the slave.',
      actions: [measure({ on: 'slave' })],
      caught: { task: 'near', cause: 'measured-the-wrong-server' },
    },
    {
      id: 'names-empty',
      story: 'The list was empty when I measured.',
      actions: [
        { do: 'set', on: 'master', name: 'synchronous_standby_names', value: '' },
        { do: 'reload', on: 'master' },
        measure({ distance: 5 }),
      ],
      caught: { task: 'far', cause: 'measured-without-sync' },
    },
  ],
});
