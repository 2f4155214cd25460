-- The role and the database of the readings: sudo -u postgres psql -f dashboard/deploy/database.sql
-- The tables are made, and brought up to date, by the dashboard.
CREATE ROLE xray LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT 60;
CREATE DATABASE xray OWNER xray ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE xray FROM PUBLIC;
\password xray
