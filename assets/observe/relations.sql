-- Who is known, who is connected, who waits. Our own sessions are left out.
SELECT
  (SELECT coalesce(json_agg(r ORDER BY r.name), '[]') FROM (
     SELECT rolname AS name, rolcanlogin AS login, rolreplication AS replication, rolsuper AS superuser,
            rolvaliduntil::text AS "validUntil", coalesce(rolvaliduntil < pg_catalog.clock_timestamp(), false) AS expired, rolpassword AS password
       FROM pg_catalog.pg_authid WHERE rolname !~ '^pg_') r) AS roles,
  (SELECT coalesce(json_agg(datname ORDER BY datname), '[]') FROM pg_catalog.pg_database WHERE NOT datistemplate) AS databases,
  -- In the order of the walsenders' places in shared memory: of two standbys with one priority the earlier place counts.
  (SELECT coalesce(json_agg(to_jsonb(s) - 'place' ORDER BY s.place, s.pid), '[]') FROM (
     SELECT r.pid, r.usename AS user, r.application_name AS "applicationName", r.client_addr::text AS "clientAddress", r.state,
            r.sync_state AS "syncState", r.sync_priority AS "syncPriority", r.sent_lsn::text AS sent, r.write_lsn::text AS write,
            r.flush_lsn::text AS flush, r.replay_lsn::text AS replay, w.ordinality AS place
       FROM pg_catalog.pg_stat_replication r
       LEFT JOIN pg_catalog.pg_stat_get_wal_senders() WITH ORDINALITY w ON w.pid = r.pid) s) AS senders,
  (SELECT row_to_json(w) FROM (
     SELECT status, sender_host AS "senderHost", sender_port AS "senderPort", slot_name AS slot, conninfo,
            received_tli AS timeline, flushed_lsn::text AS flushed
       FROM pg_catalog.pg_stat_wal_receiver) w) AS receiver,
  (SELECT coalesce(json_agg(a ORDER BY a.pid), '[]') FROM (
     SELECT pid, coalesce(usename, '') AS user, coalesce(datname, '') AS database, query,
            pg_catalog.to_char(query_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS since
       FROM pg_catalog.pg_stat_activity
      WHERE wait_event = 'SyncRep' AND pid <> pg_catalog.pg_backend_pid() AND application_name <> 'repl-workshop') a) AS waiting
