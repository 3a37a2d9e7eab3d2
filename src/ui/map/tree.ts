/** The servers as trees of standbys. Servers that follow each other, or themselves, begin a tree of their own. */
import { standbyTarget } from '../../check/network/address.ts';
import type { Observation } from '../../lab/observation.ts';
import type { Link } from '../../session/view/links.ts';

/** `name` null: not a server of the lab; `caption` is then its address. */
export type Node = {
  readonly name: string | null;
  readonly caption: string;
  readonly below: readonly { readonly link: Link; readonly node: Node }[];
};

export function treesOf(now: Observation, names: readonly string[], links: readonly Link[]): readonly Node[] {
  const placed = new Set<string>();
  const grow = (name: string): Node => {
    placed.add(name);
    const own = links.filter(({ from, to }) => from === name && to !== name);
    const below = own.flatMap((link): Node['below'] => {
      if (link.to === null) return [{ link, node: receiverOutside(link) }];
      return placed.has(link.to) ? [] : [{ link, node: grow(link.to) }];
    });
    return { name, caption: '', below };
  };
  const follows = (name: string) => links.some(({ from, to }) => to === name && from !== name && from !== null);
  const strangers = links.filter(
    ({ from, to, receiver }) => from === null && to !== null && (receiver || targetOf(now, to)),
  );
  const fromOutside = new Set(strangers.map(({ to }) => to));
  const roots = names.filter((name) => !follows(name) && !fromOutside.has(name)).map(grow);
  const outside = strangers.flatMap((link): readonly Node[] =>
    link.to === null || placed.has(link.to)
      ? []
      : [
          {
            name: null,
            caption: senderAddress(link) ?? targetOf(now, link.to) ?? '',
            below: [{ link, node: grow(link.to) }],
          },
        ],
  );
  const rings = names.flatMap((name) => (placed.has(name) ? [] : [grow(name)]));
  return [...roots, ...outside, ...rings];
}

/** A receiver that is not a server of the lab, for example pg_basebackup. */
const receiverOutside = ({ sender }: Link): Node => ({
  name: null,
  caption: sender?.clientAddress ?? '',
  below: [],
});

/** '127.0.0.1:5499': the address that a standby receives from. */
const senderAddress = ({ receiver }: Link): string | undefined =>
  receiver?.senderPort ? `${receiver.senderHost ?? ''}:${receiver.senderPort}` : undefined;

/** The address that a standby is configured to follow. */
function targetOf({ servers }: Observation, name: string): string | undefined {
  const view = servers[name];
  const target = view && standbyTarget(view);
  return target && `${target.host}:${target.port}`;
}
