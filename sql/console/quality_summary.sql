-- One line: what a person should look at.
select
  (select count(*) from ops.checks) as checks,
  (select count(*) from ops.checks where failed_rows > 0) as failed,
  (select count(*) from ops.rejects) as rejects,
  (select count(*) from ops.drift) as drift
