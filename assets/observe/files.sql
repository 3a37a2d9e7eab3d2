-- The files of the data directory that a look reads, for a server whose files we cannot reach: names, sizes, times; the text only where it is not known yet.
-- $1: JSON object, name of a file → key under which its text is known.
WITH name AS (
  SELECT name FROM pg_ls_dir('.') AS name
   WHERE name ~ '^(PG_VERSION|backup_label|postmaster\.(opts|pid)|.*\.(conf|signal|txt|done))$'
  UNION SELECT 'global/pg_control'
  -- What is included may lie in folders of its own. Absolute where it lies elsewhere.
  UNION SELECT CASE WHEN starts_with(sourcefile, current_setting('data_directory') || '/')
                    THEN substr(sourcefile, length(current_setting('data_directory')) + 2) ELSE sourcefile END
          FROM pg_file_settings WHERE sourcefile IS NOT NULL
), stat AS (
  SELECT name, (pg_stat_file(name, true)).* FROM name
), keyed AS (
  SELECT *, size || ' ' || extract(epoch FROM modification) AS key FROM stat WHERE NOT isdir
)
SELECT json_build_object(
         'names', (SELECT json_agg(n ORDER BY n) FROM pg_ls_dir('.') AS n),
         'files', (SELECT json_object_agg(name, json_build_object(
                     'key', key,
                     'savedAt', modification,
                     'bytes', CASE WHEN $1::json ->> name IS DISTINCT FROM key THEN encode(pg_read_binary_file(name, 0, 1048576, true), 'base64') END))
                   FROM keyed)) AS found
