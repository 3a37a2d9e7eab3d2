/** Which lines of pg_hba.conf initdb or the image wrote, and which ones need the client's address. */
import type { HbaFile } from '../../lab/observation.ts';
import { parseAddress } from '../../postgres/hba/address.ts';
import type { HbaRule } from '../../postgres/hba/hba.ts';

/** The file of a rule: pg_hba.conf itself, or one that it includes. */
export const fileOf = ({ path }: HbaFile, { file }: { readonly file?: string }): string => file ?? path;

/** The lines that every initdb writes, with any method. The learner did not choose them. */
export const isInitdbs = ({ text }: HbaRule): boolean =>
  /^#?\s*(local\s+(all|replication)\s+all|host\s+(all|replication)\s+all\s+(127\.0\.0\.1\/32|::1\/128))\s+[a-z0-9-]+\s*$/.test(
    text.trim(),
  );

/** The line that the image appends for all clients, with the method of POSTGRES_HOST_AUTH_METHOD. */
export const isImages = ({ text }: HbaRule): boolean => /^host\s+all\s+all\s+all\s+\S+$/.test(text.trim());

/**
 * A line for replication with a numeric address, at the matching line or above it. Whether it fits cannot be told while
 * the client's address is made up.
 */
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
