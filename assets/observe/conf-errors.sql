-- Lines of the configuration files that the server would refuse. The view shows the files, not what is loaded.
-- For a right value that waits for a restart it has the error of a wrong one; only the right one sets pending_restart, in
-- this session too, when the view is read. A mark that is older says nothing about a number that is out of range now.
SELECT coalesce(json_agg(json_build_object('file', sourcefile, 'line', sourceline, 'name', coalesce(name, ''), 'error', error)
                         ORDER BY seqno), '[]') AS errors
  FROM pg_catalog.pg_file_settings AS file
 WHERE error IS NOT NULL
   AND NOT EXISTS (
     SELECT FROM pg_catalog.pg_settings AS known
      WHERE known.name = pg_catalog.lower(file.name) AND known.pending_restart
        AND CASE WHEN known.vartype = 'integer' AND file.setting ~ '^[-+]?\d{1,18}$'
                 THEN file.setting::numeric BETWEEN known.min_val::numeric AND known.max_val::numeric ELSE true END)
