-- The session whose lock keeps others from reading a table. $1: the table, as regclass text.
SELECT pid FROM pg_catalog.pg_locks
 WHERE relation = pg_catalog.to_regclass($1) AND mode = 'AccessExclusiveLock' AND granted ORDER BY pid LIMIT 1
