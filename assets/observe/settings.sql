-- What is in effect, and from where. Read first: reading pg_file_settings would set pending_restart in this session.
SELECT json_object_agg(name, json_build_object(
         'value', setting, 'source', source, 'file', sourcefile, 'line', sourceline, 'pendingRestart', pending_restart)
       ORDER BY name) AS settings
  FROM pg_catalog.pg_settings
 WHERE name IN ('port', 'listen_addresses', 'unix_socket_directories', 'data_directory', 'config_file', 'hba_file',
                'wal_level', 'max_wal_senders', 'hot_standby', 'cluster_name', 'fsync', 'password_encryption', 'ssl',
                'primary_conninfo', 'primary_slot_name', 'recovery_min_apply_delay', 'wal_retrieve_retry_interval',
                'synchronous_standby_names', 'synchronous_commit', 'log_replication_commands', 'log_connections', 'log_min_messages', 'log_destination',
                'track_commit_timestamp', 'default_transaction_read_only', 'max_connections')
