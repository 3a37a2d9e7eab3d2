-- Lines of pg_hba.conf that the server would refuse. A statement of its own: the view raises an error when the file cannot be read.
SELECT coalesce(json_agg(json_build_object('line', line_number, 'error', error) ORDER BY line_number), '[]') AS errors
  FROM pg_catalog.pg_hba_file_rules WHERE error IS NOT NULL
