-- Writes the .tsv files of this folder from PostgreSQL's own catalogue, so that ours has the same relations, columns, types and
-- numbers. Run it from the top of the repository on a fresh PostgreSQL 15:
--   psql -X -q -f sql/catalogue/from-postgresql.sql
-- Format: COPY's text format with a header line; \N is NULL.

-- Every relation of pg_catalog and information_schema.
\copy (select n.nspname as schema, c.relname as relation, c.oid, c.relkind as kind from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'v') order by 1 desc, 2) to 'sql/catalogue/relations.tsv' (format text, header)

-- Their columns. A domain of information_schema is followed by the type it is made of.
\copy (select n.nspname as schema, c.relname as relation, a.attnum as number, a.attname as column, t.typname as type, t.oid as type_oid, coalesce(b.typname, t.typname) as base, a.attnotnull as not_null, a.attlen as length, a.atttypmod as modifier from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace join pg_type t on t.oid = a.atttypid left join pg_type b on b.oid = nullif(t.typbasetype, 0) where n.nspname in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'v') and a.attnum > 0 and not a.attisdropped order by 1 desc, 2, 3) to 'sql/catalogue/columns.tsv' (format text, header)

-- Types, without the row types of relations.
\copy (select oid, typname, typnamespace, typowner, typlen, typbyval, typtype, typcategory, typispreferred, typisdefined, typdelim, typrelid, typsubscript::oid, typelem, typarray, typinput::oid, typoutput::oid, typreceive::oid, typsend::oid, typmodin::oid, typmodout::oid, typanalyze::oid, typalign, typstorage, typnotnull, typbasetype, typtypmod, typndims, typcollation, typdefaultbin, typdefault from pg_type t where typrelid = 0 and not exists (select 1 from pg_type e where e.oid = t.typelem and e.typrelid <> 0) order by oid) to 'sql/catalogue/pg_type.tsv' (format text, header)

-- Functions that read and write values of a type: clients join them to pg_type.
\copy (select distinct p.oid, p.proname, p.pronamespace, p.proowner, p.prolang, p.procost, p.prorows, p.provariadic, p.prosupport::oid, p.prokind, p.prosecdef, p.proleakproof, p.proisstrict, p.proretset, p.provolatile, p.proparallel, p.pronargs, p.pronargdefaults, p.prorettype, p.proargtypes::text, p.prosrc from pg_proc p, pg_type t where p.oid in (t.typinput, t.typoutput, t.typreceive, t.typsend, t.typmodin, t.typmodout, t.typsubscript) order by p.oid) to 'sql/catalogue/pg_proc.tsv' (format text, header)

\copy (select rngtypid, rngsubtype, rngmultitypid, rngcollation, rngsubopc, rngcanonical::oid, rngsubdiff::oid from pg_range order by 1) to 'sql/catalogue/pg_range.tsv' (format text, header)
\copy (select oid, amname, amhandler::oid, amtype from pg_am order by 1) to 'sql/catalogue/pg_am.tsv' (format text, header)
\copy (select * from pg_collation where collname in ('default', 'C', 'POSIX', 'ucs_basic') order by 1) to 'sql/catalogue/pg_collation.tsv' (format text, header)
\copy (select oid, lanname, lanowner, lanispl, lanpltrusted, lanplcallfoid, laninline, lanvalidator from pg_language where lanname <> 'plpgsql' order by 1) to 'sql/catalogue/pg_language.tsv' (format text, header)
\copy (select * from pg_cast order by 1) to 'sql/catalogue/pg_cast.tsv' (format text, header)
\copy (select oid, opcmethod, opcname, opcnamespace, opcowner, opcfamily, opcintype, opcdefault, opckeytype from pg_opclass where opcmethod = 403 order by 1) to 'sql/catalogue/pg_opclass.tsv' (format text, header)
\copy (select * from pg_tablespace order by 1) to 'sql/catalogue/pg_tablespace.tsv' (format text, header)
\copy (select word, catcode, barelabel, catdesc, baredesc from pg_get_keywords() order by 1) to 'sql/catalogue/keywords.tsv' (format text, header)
-- Settings without paths and numbers of the machine they were read on.
\copy (select name, case name when 'server_version' then split_part(boot_val, ' ', 1) else boot_val end as setting, unit, category, short_desc, extra_desc, context, vartype, 'default' as source, min_val, max_val, enumvals, boot_val, boot_val as reset_val, null as sourcefile, null as sourceline, false as pending_restart from pg_settings where context <> 'internal' or name in ('block_size', 'data_checksums', 'integer_datetimes', 'max_function_args', 'max_identifier_length', 'max_index_keys', 'segment_size', 'server_encoding', 'server_version', 'server_version_num', 'in_hot_standby', 'wal_block_size', 'lc_collate', 'lc_ctype') order by name) to 'sql/catalogue/pg_settings.tsv' (format text, header)

-- How PostgreSQL writes the name of each type.
\copy (select oid, typname as name, format_type(oid, null) as text, typcategory as category from pg_type t where typrelid = 0 and not exists (select 1 from pg_type e where e.oid = t.typelem and e.typrelid <> 0) order by oid) to 'sql/catalogue/type_names.tsv' (format text, header)
