-- Who is known, who is connected, who waits. Our own sessions are left out.
SELECT
  (SELECT coalesce(json_agg(r ORDER BY r.name), '[]') FROM (
     SELECT rolname AS name, rolcanlogin AS login, rolreplication AS replication, rolsuper AS superuser,
            rolvaliduntil::text AS "validUntil", coalesce(rolvaliduntil < pg_catalog.clock_timestamp(), false) AS expired, rolpassword AS password
       FROM pg_catalog.pg_authid WHERE rolname !~ '^pg_') r) AS roles,
  (SELECT coalesce(json_agg(datname ORDER BY datname), '[]') FROM pg_catalog.pg_database WHERE NOT datistemplate) AS databases,
  (SELECT coalesce(json_agg(s ORDER BY s."applicationName", s.pid), '[]') FROM (
     SELECT pid, usename AS user, application_name AS "applicationName", client_addr::text AS "clientAddress", state,
            sync_state AS "syncState", sync_priority AS "syncPriority", sent_lsn::text AS sent, write_lsn::text AS write,
            flush_lsn::text AS flush, replay_lsn::text AS replay,
            round((extract(epoch FROM write_lag) * 1000)::numeric, 3) AS "writeLag",
            round((extract(epoch FROM flush_lag) * 1000)::numeric, 3) AS "flushLag",
            round((extract(epoch FROM replay_lag) * 1000)::numeric, 3) AS "replayLag"
       FROM pg_catalog.pg_stat_replication) s) AS senders,
  (SELECT coalesce(json_agg(l ORDER BY l.name), '[]') FROM (
     SELECT slot_name AS name, slot_type AS kind, temporary, active, active_pid AS "activePid", restart_lsn::text AS restart,
            wal_status AS "walStatus",
            pg_catalog.pg_wal_lsn_diff(
              CASE WHEN pg_catalog.pg_is_in_recovery()
                   THEN greatest(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())
                   ELSE pg_catalog.pg_current_wal_lsn() END, restart_lsn) AS kept
       FROM pg_catalog.pg_replication_slots) l) AS slots,
  (SELECT row_to_json(w) FROM (
     SELECT status, sender_host AS "senderHost", sender_port AS "senderPort", slot_name AS slot, conninfo,
            received_tli AS timeline, flushed_lsn::text AS flushed
       FROM pg_catalog.pg_stat_wal_receiver) w) AS receiver,
  (SELECT coalesce(json_agg(a ORDER BY a.pid), '[]') FROM (
     SELECT pid, coalesce(usename, '') AS user, coalesce(datname, '') AS database, query,
            pg_catalog.to_char(query_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS since
       FROM pg_catalog.pg_stat_activity
      WHERE wait_event = 'SyncRep' AND pid <> pg_catalog.pg_backend_pid() AND application_name <> 'repl-workshop') a) AS waiting
