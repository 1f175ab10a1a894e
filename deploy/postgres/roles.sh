#!/bin/bash
# A database, its owner and its service's role, for each service: run once on an empty disk, and again at will, over the
# socket inside the container. Passwords are read from files, never from a command line.
set -eu

for service in gateway intake community pathway consent notify; do
  database=alongside_$service
  psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username postgres --dbname postgres \
    --set role="$database" --set owner="${database}_owner" <<'SQL' > /dev/null
SELECT format('CREATE ROLE %I LOGIN', r) FROM unnest(ARRAY[:'role', :'owner']) r
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) \gexec
\set file /secrets/:role
\set password `cat :file`
ALTER ROLE :"role" PASSWORD :'password' NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT 80;
\set file /secrets/:owner
\set password `cat :file`
ALTER ROLE :"owner" PASSWORD :'password' NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT 5;
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING ''UTF8'' LC_COLLATE ''C'' LC_CTYPE ''C''',
  :'role', :'owner') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'role') \gexec
REVOKE ALL ON DATABASE :"role" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"role" TO :"role";
SQL
done
echo "PostgreSQL has a database and a role for each service."
