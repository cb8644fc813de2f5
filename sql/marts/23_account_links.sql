create or replace view mart.account_links as
with pair as (
  select * from history.account_links
  union all
  select other_provider, other_connection_id, other_account_id, provider, connection_id, account_id, rule, score from history.account_links
)
select b.*, r.by_connection_id is not null as is_replaced
from pair as b
left join mart.replaced_accounts as r
  on r.provider = b.provider and r.connection_id = b.connection_id and r.account_id = b.account_id and r.by_connection_id = b.other_connection_id;
comment on view mart.account_links is 'Accounts that are one account at the bank, seen through two connections: through FDX and Flinks, by two people, or by one who connected anew. Each pair in both directions. Sums over all connections count such an account twice, but for what is_replaced marks.';
comment on column mart.account_links.provider is 'Provider the connection is with.';
comment on column mart.account_links.connection_id is 'Connection that sees the account.';
comment on column mart.account_links.account_id is 'Account, as the provider identifies it.';
comment on column mart.account_links.other_provider is 'Provider of the other connection.';
comment on column mart.account_links.other_connection_id is 'The other connection.';
comment on column mart.account_links.other_account_id is 'The same account, as the other provider identifies it.';
comment on column mart.account_links.rule is 'number (the full account number), same_id (one provider’s own id, one person), person_and_digits (one person, and the same kind, currency and last digits).';
comment on column mart.account_links.score is 'How sure it is, 0 to 1.';
comment on column mart.account_links.is_replaced is 'The connection has ended and the other took its place: the marts show the other one.';
