-- Connections whose last complete pull is older than two days, the oldest first.
select provider, connection_id, label, state, reason, last_good_at, newest_transaction
from mart.freshness
where state not in ('revoked', 'purging', 'purged') and (last_good_at is null or last_good_at < now() - interval 2 days)
order by last_good_at nulls first;
