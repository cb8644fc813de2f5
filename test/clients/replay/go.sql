What Go's pgx and lib/pq send beside the queries themselves.

-- name: pgx, standard strings
show standard_conforming_strings
-- name: lib/pq, read-only transaction
begin read only
-- name: ends
commit
-- name: pgx, slices
-- wants: "n":"?\d
select count(*) as n from mart.accounts where account_kind = any(array['deposit', 'loan']::text[])
-- name: pgx, types by name
-- wants: "oid":25
select oid, typname, typtype, typelem from pg_type where typname = 'text'
-- name: lib/pq, ping
;
-- name: pgx, deallocate
deallocate all
