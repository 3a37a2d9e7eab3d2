/** Lines of pg_hba.conf: who wrote them, and what they ask for. */
import type { HbaFile } from '../../lab/observation.ts';
import { parseAddress } from '../../postgres/hba/address.ts';
import type { HbaRule } from '../../postgres/hba/hba.ts';

/** Where a line stands: in the file itself, or in one that it includes. */
export const fileOf = ({ path }: HbaFile, { file }: { readonly file?: string }): string => file ?? path;

/** The lines that every initdb writes, whatever their method. The tutorial's learner has not chosen them. */
export const isInitdbs = ({ text }: HbaRule): boolean =>
  /^#?\s*(local\s+(all|replication)\s+all|host\s+(all|replication)\s+all\s+(127\.0\.0\.1\/32|::1\/128))\s+[a-z0-9-]+\s*$/.test(
    text.trim(),
  );

/** The line that the image of a container appends for all clients, with the method of POSTGRES_HOST_AUTH_METHOD. */
export const isImages = ({ text }: HbaRule): boolean => /^host\s+all\s+all\s+all\s+\S+$/.test(text.trim());

/** A line for replication, at the matching one or above it, whose address is a number: an address that is made up says nothing about it. */
export const asksForAnAddress = ({ rules }: HbaFile, match: HbaRule | undefined): HbaRule | undefined =>
  rules
    .slice(0, match && rules.indexOf(match) + 1)
    .find(
      (rule) =>
        rule.databases.some(({ word, quoted }) => word === 'replication' && !quoted) &&
        rule.address !== null &&
        !/^127\.|:/.test(rule.address) &&
        parseAddress(rule.address.split('/')[0] ?? '') !== undefined,
    );
