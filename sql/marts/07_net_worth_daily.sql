create or replace view mart.net_worth_daily as
with period as (
  select *, unnest([1, -1]) as change from mart.balance_periods
), change as (
  select provider, connection_id, currency, case change when 1 then from_day else to_day + 1 end as day,
    change * greatest(net_worth_balance, 0) as assets, change * greatest(-net_worth_balance, 0) as liabilities, change as accounts
  from period
), changes_of_day as (
  select provider, connection_id, currency, day, sum(assets) as assets, sum(liabilities) as liabilities, sum(accounts) as accounts
  from change
  group by all
), standing as (
  select provider, connection_id, currency, day as from_day,
    coalesce(lead(day) over (partition by provider, connection_id, currency order by day) - 1, day) as to_day,
    sum(assets) over (partition by provider, connection_id, currency order by day) as assets,
    sum(liabilities) over (partition by provider, connection_id, currency order by day) as liabilities,
    sum(accounts) over (partition by provider, connection_id, currency order by day) as accounts
  from changes_of_day
)
select provider, connection_id, currency,
  greatest(from_day, date '1970-01-01') + unnest(range(0, least(to_day, date '2100-01-01') - greatest(from_day, date '1970-01-01') + 1))::INTEGER as day,
  assets, liabilities, assets - liabilities as net_worth, accounts::BIGINT as accounts
from standing
where accounts > 0;
comment on view mart.net_worth_daily is 'What a connection is worth at the end of each day, by currency: the sum of mart.balances_daily.';
comment on column mart.net_worth_daily.provider is 'Provider the connection is with.';
comment on column mart.net_worth_daily.connection_id is 'Connection the accounts came through.';
comment on column mart.net_worth_daily.currency is 'ISO 4217 code of the amounts.';
comment on column mart.net_worth_daily.day is 'The day, in UTC.';
comment on column mart.net_worth_daily.assets is 'Sum of the balances above zero [pii: account]';
comment on column mart.net_worth_daily.liabilities is 'What is owed in all, positive [pii: account]';
comment on column mart.net_worth_daily.net_worth is 'Assets less liabilities [pii: account]';
comment on column mart.net_worth_daily.accounts is 'Accounts whose balance of that day is known.';
