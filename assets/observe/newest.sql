-- The newest committed row of the table that stands for %I. Never count(*): even a read can write hint bits where checksums are on.
SELECT coalesce(pg_catalog.to_jsonb(t) ->> 'id', t.ctid::text) AS id, t.xmin::text AS xid,
       CASE WHEN pg_catalog.current_setting('track_commit_timestamp')::bool AND NOT pg_catalog.pg_is_in_recovery() AND pg_catalog.age(t.xmin) < 1000000
            THEN pg_catalog.to_char(pg_catalog.pg_xact_commit_timestamp(t.xmin) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') END AS committed_at
  FROM %I t ORDER BY pg_catalog.age(t.xmin), t.ctid DESC LIMIT 1
