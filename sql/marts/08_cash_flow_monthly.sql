create or replace view mart.cash_flow_monthly as
select
  provider, connection_id, account_id, account_kind, currency, date_trunc('month', date)::date as month,
  coalesce(sum(signed_amount) filter (where signed_amount > 0), 0) as money_in,
  coalesce(-sum(signed_amount) filter (where signed_amount < 0), 0) as money_out,
  sum(signed_amount) as net,
  count(*) filter (where signed_amount > 0) as payments_in,
  count(*) filter (where signed_amount < 0) as payments_out
from mart.transactions
where account_kind in ('deposit', 'loc', 'commercial', 'digital_wallet', 'other') and not is_pending and vanished_at is null and date is not null and signed_amount is not null
group by all;
comment on view mart.cash_flow_monthly is 'Money in and out of each deposit, card, line of credit, commercial and other account by month, posted transactions only. Transfers between one’s own accounts count on both sides; their net is nothing.';
comment on column mart.cash_flow_monthly.provider is 'Provider the connection is with.';
comment on column mart.cash_flow_monthly.connection_id is 'Connection the account came through.';
comment on column mart.cash_flow_monthly.account_id is 'Account, as the provider identifies it.';
comment on column mart.cash_flow_monthly.account_kind is 'deposit, loc (cards and lines of credit), commercial, digital_wallet or other.';
comment on column mart.cash_flow_monthly.currency is 'ISO 4217 code of the amounts.';
comment on column mart.cash_flow_monthly.month is 'First day of the month.';
comment on column mart.cash_flow_monthly.money_in is 'Sum of what entered the account [pii: account]';
comment on column mart.cash_flow_monthly.money_out is 'Sum of what left it, positive [pii: account]';
comment on column mart.cash_flow_monthly.net is 'Money in less money out [pii: account]';
comment on column mart.cash_flow_monthly.payments_in is 'Transactions that brought money in.';
comment on column mart.cash_flow_monthly.payments_out is 'Transactions that took money out.';
