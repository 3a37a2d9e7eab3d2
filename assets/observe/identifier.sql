-- A statement of its own: the function raises an error when the server may not read its control file.
SELECT system_identifier::text AS identifier FROM pg_catalog.pg_control_system()
