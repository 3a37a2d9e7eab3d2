import { defineLesson } from '#lesson';

export default defineLesson({
  id: 'what-replication-is',
  minutes: 5,
  tasks: [
    { id: 'who-writes', kind: 'answer', questions: ['writes'] },
    { id: 'if-the-master-dies', kind: 'answer', questions: ['dies'] },
    { id: 'where-to-look', kind: 'answer', questions: ['look'] },
  ],
  mistakes: [
    {
      id: 'both-take-writes',
      story: 'I thought that I could write on either server.',
      actions: [{ do: 'answer', question: 'writes', choice: 'a' }],
      caught: { task: 'who-writes', cause: 'wrong-answer' },
    },
    {
      id: 'takes-over-by-itself',
      story: 'I thought that the slave takes over by itself.',
      actions: [{ do: 'answer', question: 'dies', choice: 'a' }],
      caught: { task: 'if-the-master-dies', cause: 'wrong-answer' },
    },
  ],
});
