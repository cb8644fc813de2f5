create or replace view history.transactions as
with now_ as (
  select provider, connection_id, account_id, transaction_id, ordinal, first_seen_at, vanished_at, status, posted_at, transacted_at,
    (coalesce(posted_at, transacted_at) at time zone 'UTC')::date as day, amount, debit_credit_memo, description, page_id
  from fdx.transactions
  union all by name
  select provider, connection_id, account_id, transaction_id, ordinal, first_seen_at, vanished_at,
    date as day, coalesce(credit, 0) - coalesce(debit, 0) as amount, description, page_id
  from flinks.transactions
), before as (
  select provider, connection_id, account_id, transaction_id, max(known_to) as known_to from history.transaction_versions group by all
)
select n.provider, n.connection_id, n.account_id, n.transaction_id, n.ordinal, coalesce(b.known_to, n.first_seen_at) as known_from, n.vanished_at as known_to, true as is_newest,
  n.status, n.posted_at, n.transacted_at, n.day, n.amount, n.debit_credit_memo, n.description, n.page_id
from now_ as n
left join before as b using (provider, connection_id, account_id, transaction_id)
union all
select provider, connection_id, account_id, transaction_id, 1, known_from, known_to, false, status, posted_at, transacted_at, day, amount, debit_credit_memo, description, page_id
from history.transaction_versions;
comment on view history.transactions is 'Every transaction in every version that was read: what was known when.';
comment on column history.transactions.provider is 'Provider the connection is with.';
comment on column history.transactions.connection_id is 'Connection the record came through.';
comment on column history.transactions.account_id is 'Account, as the provider identifies it.';
comment on column history.transactions.transaction_id is 'Transaction, as the provider identifies it; a fingerprint of its content where it sent no id.';
comment on column history.transactions.ordinal is 'Position among different rows of one id, from 1; 1 for earlier versions.';
comment on column history.transactions.known_from is 'When a reading first said so.';
comment on column history.transactions.known_to is 'When the first reading said otherwise, or no longer had it; NULL for what stands.';
comment on column history.transactions.is_newest is 'What the newest reading with the transaction says.';
comment on column history.transactions.status is 'PENDING, POSTED, AUTHORIZATION or MEMO, as sent.';
comment on column history.transactions.posted_at is 'When it was posted [pii: account]';
comment on column history.transactions.transacted_at is 'When it happened [pii: account]';
comment on column history.transactions.day is 'Day it was posted, else happened (UTC) [pii: account]';
comment on column history.transactions.amount is 'Amount as sent; Flinks: credit minus debit [pii: account]';
comment on column history.transactions.debit_credit_memo is 'DEBIT, CREDIT or MEMO, as sent.';
comment on column history.transactions.description is 'Description by the provider [pii: account]';
comment on column history.transactions.page_id is 'Page the values come from.';
