#!/bin/bash
# A database, its owner and its service's role, for each service: run once on an empty disk, and again at will, over the
# socket inside the container. Passwords are read from files, never from a command line.
#
# A password is kept as a verifier of 256 rounds, not PostgreSQL's 4,096: rounds slow down who guesses, and nobody guesses
# 256 random bits (make-secrets). Each connection is signed in to in 6 ms of processor time instead of 43, which is what
# a place waits for when PostgreSQL comes back. PostgreSQL 16 has scram_iterations for it; this works with any.
set -eu

for service in gateway intake community pathway consent notify; do
  database=alongside_$service
  psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username postgres --dbname postgres \
    --set role="$database" --set owner="${database}_owner" <<'SQL' > /dev/null
CREATE FUNCTION pg_temp.padded(key bytea, xor int) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE block bytea := key || decode(repeat('00', 64 - length(key)), 'hex');
BEGIN
  FOR n IN 0..63 LOOP block := set_byte(block, n, get_byte(block, n) # xor); END LOOP;
  RETURN block;
END $$;
CREATE FUNCTION pg_temp.hmac(key bytea, message bytea) RETURNS bytea LANGUAGE sql AS
  'SELECT sha256(pg_temp.padded(key, 92) || sha256(pg_temp.padded(key, 54) || message))';
CREATE FUNCTION pg_temp.verifier(password text, rounds int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  salt bytea := decode(replace(gen_random_uuid()::text, '-', ''), 'hex');
  outer_key bytea := pg_temp.padded(convert_to(password, 'UTF8'), 92);
  inner_key bytea := pg_temp.padded(convert_to(password, 'UTF8'), 54);
  last bytea := salt || '\x00000001';
  salted bytea := decode(repeat('00', 32), 'hex');
BEGIN
  FOR i IN 1..rounds LOOP
    last := sha256(outer_key || sha256(inner_key || last));
    FOR n IN 0..31 LOOP salted := set_byte(salted, n, get_byte(salted, n) # get_byte(last, n)); END LOOP;
  END LOOP;
  RETURN format('SCRAM-SHA-256$%s:%s$%s:%s', rounds, encode(salt, 'base64'),
    encode(sha256(pg_temp.hmac(salted, 'Client Key')), 'base64'), encode(pg_temp.hmac(salted, 'Server Key'), 'base64'));
END $$;
SELECT format('CREATE ROLE %I LOGIN', r) FROM unnest(ARRAY[:'role', :'owner']) r
  WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) \gexec
\set file /secrets/:role
\set password `cat :file`
SELECT format('ALTER ROLE %I PASSWORD %L', :'role', pg_temp.verifier(:'password', 256)) \gexec
ALTER ROLE :"role" NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT 80;
\set file /secrets/:owner
\set password `cat :file`
SELECT format('ALTER ROLE %I PASSWORD %L', :'owner', pg_temp.verifier(:'password', 256)) \gexec
ALTER ROLE :"owner" NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION CONNECTION LIMIT 5;
SELECT format('CREATE DATABASE %I OWNER %I TEMPLATE template0 ENCODING ''UTF8'' LC_COLLATE ''C'' LC_CTYPE ''C''',
  :'role', :'owner') WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'role') \gexec
REVOKE ALL ON DATABASE :"role" FROM PUBLIC;
GRANT CONNECT ON DATABASE :"role" TO :"role";
SQL
done
echo "PostgreSQL has a database and a role for each service."
