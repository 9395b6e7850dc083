-- SQLite tells nobody anything: servers ask for PRAGMA data_version, which another connection's commit changes. PostgreSQL has a
-- trigger here.

SELECT 1;
