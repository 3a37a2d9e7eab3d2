-- Lines of pg_hba.conf that the server would refuse. A statement of its own: the view raises an error when the file cannot be read.
-- file_name came with 16. That a line never fits (hostssl where SSL is off) stands in the same column; the server takes the file all the same.
SELECT coalesce(json_agg(json_build_object('line', line_number, 'error', error, 'file', to_jsonb(r) ->> 'file_name') ORDER BY line_number), '[]') AS errors
  FROM pg_catalog.pg_hba_file_rules r WHERE error NOT LIKE '%record cannot match because%'
