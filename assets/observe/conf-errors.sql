-- Lines of the configuration files that the server would refuse. The view shows the files, not what is loaded.
SELECT coalesce(json_agg(json_build_object('file', sourcefile, 'line', sourceline, 'name', coalesce(name, ''), 'error', error)
                         ORDER BY seqno), '[]') AS errors
  FROM pg_catalog.pg_file_settings WHERE error IS NOT NULL
