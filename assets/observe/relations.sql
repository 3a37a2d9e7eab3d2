-- Who is known, who is connected, who waits. Our own sessions are left out.
SELECT
  (SELECT coalesce(json_agg(r ORDER BY r.name), '[]') FROM (
     SELECT rolname AS name, rolcanlogin AS login, rolreplication AS replication, rolsuper AS superuser,
            rolvaliduntil::text AS "validUntil", coalesce(rolvaliduntil < pg_catalog.clock_timestamp(), false) AS expired, rolpassword AS password,
            rolconnlimit AS "limit",
            ARRAY(WITH RECURSIVE groups(id) AS (SELECT roleid FROM pg_catalog.pg_auth_members WHERE member = a.oid
                    UNION SELECT m.roleid FROM pg_catalog.pg_auth_members m JOIN groups ON m.member = groups.id)
                  SELECT rolname FROM pg_catalog.pg_authid g JOIN groups ON g.oid = groups.id ORDER BY 1) AS "memberOf"
       FROM pg_catalog.pg_authid a WHERE rolname !~ '^pg_') r) AS roles,
  (SELECT coalesce(json_agg(datname ORDER BY datname), '[]') FROM pg_catalog.pg_database WHERE NOT datistemplate) AS databases,
  (SELECT coalesce(json_agg(datname ORDER BY datname), '[]') FROM pg_catalog.pg_database WHERE NOT datistemplate AND NOT datallowconn) AS closed,
  -- What a role or a database sets wins over the files.
  (SELECT coalesce(json_agg(json_build_object('database', d.datname, 'role', u.rolname, 'value', substr(one, length('synchronous_commit=') + 1))
                            ORDER BY d.datname, u.rolname), '[]')
     FROM pg_catalog.pg_db_role_setting s CROSS JOIN unnest(s.setconfig) one
     LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_catalog.pg_roles u ON u.oid = s.setrole
    WHERE starts_with(one, 'synchronous_commit=')) AS overrides,
  -- Who sets that nothing may be written.
  (SELECT coalesce(json_agg(json_build_object('database', d.datname, 'role', u.rolname) ORDER BY d.datname, u.rolname), '[]')
     FROM pg_catalog.pg_db_role_setting s CROSS JOIN unnest(s.setconfig) one
     LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_catalog.pg_roles u ON u.oid = s.setrole
    WHERE one IN ('default_transaction_read_only=on', 'default_transaction_read_only=true', 'default_transaction_read_only=1')) AS "readOnly",
  -- Catalogues that whoever logs in or changes roles needs (fixed oids; pg_class.oid::regclass would need a lock itself).
  (SELECT coalesce(json_agg(k ORDER BY k.pid, k.catalog), '[]') FROM (
     SELECT l.pid, c.catalog, l.mode
       FROM pg_catalog.pg_locks l
       JOIN (VALUES (1259, 'pg_class'), (1260, 'pg_authid'), (1261, 'pg_auth_members'), (1262, 'pg_database'), (2964, 'pg_db_role_setting'))
            AS c (id, catalog) ON c.id = l.relation
       JOIN pg_catalog.pg_stat_get_activity(NULL) s ON s.pid = l.pid AND s.state LIKE 'idle in transaction%'
      WHERE l.granted AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')) k) AS "catalogLocks",
  -- In the order of the walsenders' places in shared memory: of two standbys with one priority the earlier place counts.
  (SELECT coalesce(json_agg(to_jsonb(s) - 'place' ORDER BY s.place, s.pid), '[]') FROM (
     SELECT r.pid, r.usename AS user, r.application_name AS "applicationName", r.client_addr::text AS "clientAddress", r.state,
            r.sync_state AS "syncState", r.sync_priority AS "syncPriority", r.sent_lsn::text AS sent, r.write_lsn::text AS write,
            r.flush_lsn::text AS flush, r.replay_lsn::text AS replay,
            round((extract(epoch FROM r.write_lag) * 1000)::numeric, 3) AS "writeLag",
            round((extract(epoch FROM r.flush_lag) * 1000)::numeric, 3) AS "flushLag",
            round((extract(epoch FROM r.replay_lag) * 1000)::numeric, 3) AS "replayLag", w.ordinality AS place
       FROM pg_catalog.pg_stat_replication r
       LEFT JOIN pg_catalog.pg_stat_get_wal_senders() WITH ORDINALITY w ON w.pid = r.pid) s) AS senders,
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
