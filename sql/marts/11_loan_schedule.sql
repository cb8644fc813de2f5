create or replace view mart.loan_schedule as
with paid as (
  select t.provider, t.connection_id, t.account_id, t.currency, t.date as due_date, t.signed_amount as payment,
    t.principal_amount as principal, l.payment_details_interest_amount as interest,
    coalesce(l.payment_details_insurance_amount, l.payment_details_escrow_amount, l.payment_details_pmi_amount, l.payment_details_fees_amount) is not null as has_parts,
    coalesce(l.payment_details_insurance_amount, 0) + coalesce(l.payment_details_escrow_amount, 0) + coalesce(l.payment_details_pmi_amount, 0) + coalesce(l.payment_details_fees_amount, 0) as parts,
    row_number() over (partition by t.provider, t.connection_id, t.account_id order by t.date desc, t.transaction_id desc, t.ordinal desc) as newest
  from mart.transactions as t
  left join fdx.loan_transactions as l
    on l.provider = t.provider and l.connection_id = t.connection_id and l.account_id = t.account_id and l.transaction_id = t.transaction_id and l.ordinal = t.ordinal
  where t.account_kind = 'loan' and t.signed_amount > 0 and not t.is_pending and t.vanished_at is null and t.date is not null
), term as (
  select
    a.provider, a.connection_id, a.account_id, a.currency, a.next_payment_date as first_due, a.maturity_date,
    round(a.principal_balance * 100)::HUGEINT as owed,
    (coalesce(a.charged_interest_rate, a.interest_rate, a.annual_percentage_rate)::DECIMAL(18,6) * 1000000)::HUGEINT as micro_percent,
    round(coalesce(p.principal + p.interest, a.next_payment_amount) * 100)::HUGEINT as instalment,
    greatest(0, round(case when p.principal + p.interest <= a.next_payment_amount then (a.next_payment_amount - p.principal - p.interest) * 100 else 0 end))::HUGEINT as others,
    case upper(a.payment_frequency)
      when 'DAILY' then 365 when 'WEEKLY' then 52 when 'BIWEEKLY' then 26 when 'FOURWEEKS' then 13 when 'TWICEMONTHLY' then 24 when 'SEMIMONTHLY' then 24
      when 'BIMONTHLY' then 6 when 'QUARTERLY' then 4 when 'SEMIANNUALLY' then 2 when 'ANNUALLY' then 1
      else 12
    end as a_year,
    a_year::HUGEINT * 100 * 1000000 as parts
  from fdx.loan_accounts as a
  left join paid as p
    on p.provider = a.provider and p.connection_id = a.connection_id and p.account_id = a.account_id and p.newest = 1
  where a.principal_balance > 0 and a.principal_balance < 1e15 and a.next_payment_date is not null
    and coalesce(p.principal + p.interest, a.next_payment_amount) between 0.01 and 1e15
    and coalesce(a.charged_interest_rate, a.interest_rate, a.annual_percentage_rate) between 0 and 1000
), ahead as (
  select t.provider, t.connection_id, t.account_id, t.currency, w.*
  from term as t, lateral (
    with recursive walk as (
      select 0 as n, null::DATE as due_date, 0::HUGEINT as interest, 0::HUGEINT as principal, 0::HUGEINT as others, t.owed as owed
      union all
      select n + 1, due_date, interest, principal, others, owed - principal
      from (
        select n, due_date, interest, t.others as others, owed,
          case when t.instalment - interest > owed or due_date >= t.maturity_date then owed else t.instalment - interest end as principal
        from (
          select n, owed, (2 * owed * t.micro_percent + t.parts) // (2 * t.parts) as interest,
            case t.a_year
              when 365 then t.first_due + n
              when 52 then t.first_due + 7 * n
              when 26 then t.first_due + 14 * n
              when 13 then t.first_due + 28 * n
              when 24 then (t.first_due + to_months(n // 2) + to_days(15 * (n % 2)))::DATE
              else (t.first_due + to_months(n * 12 // t.a_year))::DATE
            end as due_date
          from walk
          where owed > 0 and n < 1300
        )
      )
      where principal > 0
    )
    from walk
    where n > 0
  ) as w
)
select provider, connection_id, account_id, 'paid' as status, null::INTEGER as number, due_date, currency, payment, principal, interest,
  case when has_parts then parts end::DECIMAL(38,9) as others, null::DECIMAL(38,9) as owed_after
from paid
union all by name
select provider, connection_id, account_id, 'scheduled' as status, n as number, due_date, currency,
  ((interest + principal + others)::DECIMAL(36,0) * 0.01)::DECIMAL(38,9) as payment, (principal::DECIMAL(36,0) * 0.01)::DECIMAL(38,9) as principal, (interest::DECIMAL(36,0) * 0.01)::DECIMAL(38,9) as interest,
  (others::DECIMAL(36,0) * 0.01)::DECIMAL(38,9) as others, (owed::DECIMAL(36,0) * 0.01)::DECIMAL(38,9) as owed_after
from ahead;
comment on view mart.loan_schedule is 'Payments of each loan: those made, and those to come, worked out to the cent from what is owed, rate, payment, frequency and maturity where FDX states them. Flinks’ own API states no terms: only payments made.';
comment on column mart.loan_schedule.provider is 'Provider the connection is with.';
comment on column mart.loan_schedule.connection_id is 'Connection the loan came through.';
comment on column mart.loan_schedule.account_id is 'Account, as the provider identifies it.';
comment on column mart.loan_schedule.status is 'paid, or scheduled: our projection, at the rate and payment of today.';
comment on column mart.loan_schedule.number is 'Of the payments to come, from 1; NULL for those made.';
comment on column mart.loan_schedule.due_date is 'Day it was posted, or is due [pii: account]';
comment on column mart.loan_schedule.currency is 'ISO 4217 code of the amounts.';
comment on column mart.loan_schedule.payment is 'The whole payment [pii: account]';
comment on column mart.loan_schedule.principal is 'Part that pays off the loan; the last scheduled one, at maturity, pays all that is left [pii: account]';
comment on column mart.loan_schedule.interest is 'Interest of the period: owed × rate ÷ payments a year, rounded half up to the cent [pii: account]';
comment on column mart.loan_schedule.others is 'Escrow, insurance and fees within the payment [pii: account]';
comment on column mart.loan_schedule.owed_after is 'Principal still owed after a scheduled payment [pii: account]';
