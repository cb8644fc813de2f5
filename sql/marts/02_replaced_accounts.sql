create or replace view mart.replaced_accounts as
with covered as (
  select provider, connection_id, account_id, min(window_start) as from_day from ops.readings group by all
), replacement as (
  -- arg_min, not "qualify row_number() = 1": inside some joins DuckDB 1.5 fails to bind that (INTERNAL Error).
  select l.provider, l.connection_id, l.account_id,
    arg_min({ 'connection_id': l.other_connection_id, 'account_id': l.other_account_id, 'from_day': c.from_day }, l.other_connection_id) as successor
  from history.account_links as l
  join ops.connections as o on o.connection_id = l.connection_id and o.state in ('revoked', 'reauth')
  join ops.connections as n on n.connection_id = l.other_connection_id and n.state = 'active'
  left join covered as c on c.provider = l.other_provider and c.connection_id = l.other_connection_id and c.account_id = l.other_account_id
  where l.provider = l.other_provider and l.score >= 0.85
  group by all
)
select provider, connection_id, account_id, successor.connection_id as by_connection_id, successor.account_id as by_account_id, successor.from_day as from_day
from replacement;
comment on view mart.replaced_accounts is 'Accounts of connections that have ended, whose person has connected anew: the marts show the new one, and of the old one only what lies before from_day. Nothing is deleted; fdx connections merge makes one of the two connections.';
comment on column mart.replaced_accounts.provider is 'Provider of both connections.';
comment on column mart.replaced_accounts.connection_id is 'The connection that has ended.';
comment on column mart.replaced_accounts.account_id is 'The account, as it was identified there.';
comment on column mart.replaced_accounts.by_connection_id is 'The connection that sees the account now.';
comment on column mart.replaced_accounts.by_account_id is 'The account, as it is identified there.';
comment on column mart.replaced_accounts.from_day is 'First day whose transactions the new connection has read; NULL where it has read none.';
