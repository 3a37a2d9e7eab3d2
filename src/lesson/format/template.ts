/** The two files of a new lesson, for `dev new`. The lint's findings in them tell the author what to fill in. */
export function newLesson(id: string, title: string): { readonly md: string; readonly ts: string } {
  return { md: md(title), ts: ts(id) };
}

const ts = (id: string): string => `import { defineLesson, runs } from '#lesson';

export default defineLesson({
  id: '${id}',
  minutes: 8,
  tasks: [
    { id: 'started', kind: 'state', check: runs('master'), solution: [{ do: 'start', on: 'master' }] },
    { id: 'guess', kind: 'answer', questions: ['what-happens'] },
  ],
  mistakes: [
    {
      id: 'stopped',
      story: 'I stopped it and forgot.',
      actions: [{ do: 'stop', on: 'master' }],
      caught: { task: 'started', cause: 'stopped' },
    },
  ],
});
`;

const md = (title: string): string => `# ${title}

Why this matters, before how it is done. The result that the learner will see.

\`\`\`diagram
 master ────► slave
\`\`\`

## The master runs

Say which step it is, and what the log will show. Then give the command:

\`\`\`bash native
pg_ctl -D {{master.data}} start
\`\`\`

\`\`\`bash docker
docker start master
\`\`\`

:::hint
The idea: what has to be true, and why.
:::

:::hint
The place: which server, which file, which command.
:::

:::hint
The exact line.
:::

## What happens next

:::predict{#what-happens}
What do you expect?

- [x] The right choice.

  Why it is right.

- [ ] The answer that most people expect.

  Why it sounds right, and what really happens.
:::

:::own
- One difference on a real server.
:::

:::remember
- The first sentence to remember.
- The second sentence.
:::
`;
