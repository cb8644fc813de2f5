create or replace view mart.holdings as
with lots as (
  select provider, connection_id, account_id, parent_ordinal, sum(cost_basis) as cost_basis, count(*) = count(cost_basis) as is_complete, count(*) as tax_lots
  from fdx.tax_lots
  group by all
), listed as (
  select
    h.provider, h.connection_id, h.account_id, h.ordinal, h.holding_id, h.symbol, h.security_id, h.security_id_type,
    coalesce(h.holding_name, h.description, h.symbol, h.security_id) as name, h.holding_type, h.security_category, h.position_type,
    coalesce(h.cash_account, false) or coalesce(h.holding_sub_type, '') = 'CASH' as is_cash,
    h.units, h.digital_units, h.current_unit_price as unit_price, h.current_unit_price_date as unit_price_date, h.market_value, h.currency,
    case when l.is_complete then l.cost_basis end as cost_basis, coalesce(l.tax_lots, 0) as tax_lots, false as is_whole_account, h.last_seen_at, h.run_id, h.page_id
  from fdx.holdings as h
  left join lots as l
    on l.provider = h.provider and l.connection_id = h.connection_id and l.account_id = h.account_id and l.parent_ordinal = h.ordinal
), whole as (
  select
    provider, connection_id, account_id, 0 as ordinal, name, false as is_cash, balance as market_value, currency, 0 as tax_lots, true as is_whole_account, last_seen_at, run_id, page_id
  from mart.accounts as a
  where account_kind in ('investment', 'annuity') and balance is not null
    and not exists (from fdx.holdings as h where h.provider = a.provider and h.connection_id = a.connection_id and h.account_id = a.account_id)
), every as (
  from listed union all by name from whole
)
select
  e.provider, e.connection_id, e.account_id, e.ordinal, a.source, a.account_kind, a.account_type, a.name as account_name,
  e.holding_id, e.symbol, e.security_id, e.security_id_type, e.name, e.holding_type, e.security_category, e.position_type, e.is_cash,
  e.units, e.digital_units, e.unit_price, e.unit_price_date, e.market_value, coalesce(e.currency, a.currency) as currency,
  e.cost_basis, e.market_value - e.cost_basis as gain, e.tax_lots, e.is_whole_account, e.last_seen_at, e.run_id, e.page_id
from every as e
left join mart.accounts as a
  on a.provider = e.provider and a.connection_id = e.connection_id and a.account_id = e.account_id;
comment on view mart.holdings is 'What investment accounts hold. An investment or annuity account that lists no holdings (all of Flinks’ own API) is one row of its whole value.';
comment on column mart.holdings.provider is 'Provider the connection is with.';
comment on column mart.holdings.connection_id is 'Connection the account came through.';
comment on column mart.holdings.account_id is 'Account, as the provider identifies it.';
comment on column mart.holdings.ordinal is 'Position in the account’s list, from 1; 0 for the row of a whole account.';
comment on column mart.holdings.source is 'fdx or flinks: the protocol it came by.';
comment on column mart.holdings.account_kind is 'Mostly investment; other kinds may hold securities too.';
comment on column mart.holdings.account_type is 'Type of account as sent, such as TAXFREESAVINGSACCOUNT.';
comment on column mart.holdings.account_name is 'What customer or provider call the account [pii: direct]';
comment on column mart.holdings.holding_id is 'Holding, as the provider identifies it [pii: account]';
comment on column mart.holdings.symbol is 'Ticker symbol.';
comment on column mart.holdings.security_id is 'Security, in the scheme of security_id_type.';
comment on column mart.holdings.security_id_type is 'Scheme of the security id: CUSIP, ISIN, …';
comment on column mart.holdings.name is 'Name of the holding; of a whole account its name [pii: direct]';
comment on column mart.holdings.holding_type is 'Type of the holding as sent: STOCK, BOND, MUTUALFUND, …';
comment on column mart.holdings.security_category is 'Kind of the security as sent (FDX 6.0 and later).';
comment on column mart.holdings.position_type is 'LONG or SHORT.';
comment on column mart.holdings.is_cash is 'The holding is cash.';
comment on column mart.holdings.units is 'Units held [pii: account]';
comment on column mart.holdings.digital_units is 'Units of a digital asset with every digit, as text [pii: account]';
comment on column mart.holdings.unit_price is 'Price of a unit now.';
comment on column mart.holdings.unit_price_date is 'Day of that price.';
comment on column mart.holdings.market_value is 'Value now, as stated [pii: account]';
comment on column mart.holdings.currency is 'ISO 4217 code of the amounts.';
comment on column mart.holdings.cost_basis is 'Cost of all tax lots; NULL where one of them states none [pii: account]';
comment on column mart.holdings.gain is 'Market value less cost [pii: account]';
comment on column mart.holdings.tax_lots is 'Tax lots of the holding.';
comment on column mart.holdings.is_whole_account is 'The row stands for an account that lists no holdings.';
comment on column mart.holdings.last_seen_at is 'When the newest page with the holding was fetched.';
comment on column mart.holdings.run_id is 'Run that fetched that page.';
comment on column mart.holdings.page_id is 'Page the values come from.';
