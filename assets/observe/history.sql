-- The history file of a timeline: which timelines it comes from. A statement of its own: the file may be unreadable.
SELECT pg_catalog.pg_read_file($1, 0, 65536, true) AS text
