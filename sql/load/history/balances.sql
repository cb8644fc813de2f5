-- One balance an account and day, the newest known of that day; every page counts, also one that is older
-- than what the tables hold.
create or replace temp table balance as
select provider, connection_id, record_id as account_id, day, kind, balance, net_worth_balance, currency, fetched_at, page_id
from record_item
where family = 'account' and problem is null and balance is not null
qualify row_number() over (partition by provider, connection_id, record_id, day order by fetched_at desc, page_id desc, position desc) = 1;

merge into history.balances as t using balance as b
on t.provider = b.provider and t.connection_id = b.connection_id and t.account_id = b.account_id and t.day = b.day
when matched and (b.fetched_at, b.page_id) > (t.fetched_at, t.page_id) then
  update set kind = b.kind, balance = b.balance, net_worth_balance = b.net_worth_balance, currency = b.currency, fetched_at = b.fetched_at, page_id = b.page_id
when not matched then insert (provider, connection_id, account_id, day, kind, balance, net_worth_balance, currency, fetched_at, page_id)
  values (b.provider, b.connection_id, b.account_id, b.day, b.kind, b.balance, b.net_worth_balance, b.currency, b.fetched_at, b.page_id);

-- And every one that a page has stated, for whoever asks what was known when.
insert into history.balance_readings
select provider, connection_id, record_id, day, fetched_at, kind, balance, net_worth_balance, currency, run_id, pull_id, page_id
from record_item
where family = 'account' and problem is null and balance is not null
qualify row_number() over (partition by page_id, provider, connection_id, record_id order by position desc) = 1;
