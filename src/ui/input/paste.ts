/** Adds a paste to an open search, else types it into the terminal. Its characters are never read as keys. */
import type { Intent } from '../../session/intent.ts';
import type { Session } from '../../session/session.ts';

export function pasteIntent(text: string, { overlay, search }: Session): Intent | undefined {
  const line = text.replace(/\s+/g, ' ').trim();
  if (overlay?.kind === 'log' && overlay.search?.typing)
    return { do: 'in log', move: { to: 'type', text: overlay.search.text + line } };
  if (overlay || line === '') return undefined;
  return search ? { do: 'search on', text: search.text + line } : { do: 'type text', text };
}
