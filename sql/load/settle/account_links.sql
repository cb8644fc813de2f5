-- Accounts that are one account at the bank. Full numbers are compared where both are known, else a provider's own
-- id, or the person, always with kind and last digits. What too many share (a placeholder) tells nothing.
create or replace temp table face as
with network as (
  select provider, connection_id, account_id, max(identifier) as number from fdx.payment_networks where identifier_type = 'ACCOUNT_NUMBER' group by all
), account as (
  select a.provider, a.connection_id, a.account_id,
    -- Flinks does not tell business accounts from others.
    case upper(a.account_type)
      when 'COMMERCIALDEPOSIT' then 'deposit' when 'COMMERCIALINVESTMENT' then 'investment' when 'COMMERCIALLOAN' then 'loan'
      when 'COMMERCIALLINEOFCREDIT' then 'loc' when 'COMMERCIALINEOFCREDIT' then 'loc' else a.account_kind
    end as kind, a.currency, a.first_seen_at,
    regexp_replace(coalesce(n.number, a.account_number, a.account_number_display), '[^0-9A-Za-z*]', '', 'g') as number, a.routing_transit_number as transit
  from fdx.accounts as a
  left join network as n using (provider, connection_id, account_id)
  union all by name
  select provider, connection_id, account_id, flinks.account_kind(type, category) as kind, currency, first_seen_at,
    regexp_replace(coalesce(account_number, last_four_digits), '[^0-9A-Za-z*]', '', 'g') as number, transit_number as transit
  from flinks.accounts
)
select provider, connection_id, account_id, kind, coalesce(currency, '') as currency, first_seen_at, right(number, 4) as digits, right(transit, 5) as transit,
  case when regexp_full_match(number, '[0-9]{7,}') then ltrim(number, '0') end as full_number
from account
where regexp_full_match(right(number, 4), '[0-9A-Za-z]{4}');

create or replace temp table person as
with mark as (
  select provider, connection_id, 'customer ' || provider || ' ' || customer_id as mark from fdx.customers where customer_id is not null
  union
  select provider, connection_id, 'login ' || provider || ' ' || lower(username) from flinks.logins where username is not null
  union
  select provider, connection_id, 'mail ' || lower(unnest(regexp_extract_all(mails, '[^"\s,\[\]{}:]+@[^"\s,\[\]{}:]+')))
  from (
    select provider, connection_id, emails::varchar as mails from fdx.customers
    union all select provider, connection_id, emails::varchar from fdx.account_contacts
    union all select provider, connection_id, emails::varchar from fdx.account_holders
    union all select provider, connection_id, email from flinks.holders
  )
)
select * from mark where mark in (select mark from mark group by mark having count(*) between 2 and 20);

create or replace temp table same_account as
with acquainted as (
  select distinct p.provider, p.connection_id, q.provider as other_provider, q.connection_id as other_connection_id
  from person as p join person as q on p.mark = q.mark and p.connection_id <> q.connection_id
), number as (
  select full_number from face where full_number is not null group by full_number having count(*) between 2 and 20
), pair as (
  select a, b, 'number' as rule, case when a.transit = b.transit then 1.0 else 0.95 end as score
  from (from face semi join number using (full_number)) as a
  join (from face semi join number using (full_number)) as b on a.full_number = b.full_number and a.kind = b.kind
  where a.transit is null or b.transit is null or a.transit = b.transit or ends_with(a.transit, b.transit) or ends_with(b.transit, a.transit)
  union all
  select a, b, case when a.provider = b.provider and a.account_id = b.account_id then 'same_id' else 'person_and_digits' end,
    case when a.provider = b.provider and a.account_id = b.account_id then 0.98 else 0.85 end
  from acquainted as k
  join face as a on a.provider = k.provider and a.connection_id = k.connection_id
  join face as b on b.provider = k.other_provider and b.connection_id = k.other_connection_id and b.digits = a.digits and b.kind = a.kind and b.currency = a.currency
)
select a.provider as provider, a.connection_id as connection_id, a.account_id as account_id,
  b.provider as other_provider, b.connection_id as other_connection_id, b.account_id as other_account_id, rule, score::decimal(4, 3) as score
from pair
where a.connection_id <> b.connection_id and (a.first_seen_at, a.provider, a.connection_id) < (b.first_seen_at, b.provider, b.connection_id)
  -- Two known numbers that differ are two accounts, whatever else is alike.
  and (a.full_number is null or b.full_number is null or a.full_number = b.full_number)
qualify row_number() over (partition by a.provider, a.connection_id, a.account_id, b.provider, b.connection_id, b.account_id order by score desc) = 1;

delete from history.account_links as t
where (t.provider, t.connection_id, t.account_id, t.other_provider, t.other_connection_id, t.other_account_id, t.rule, t.score) not in
  (select (provider, connection_id, account_id, other_provider, other_connection_id, other_account_id, rule, score) from same_account);
insert into history.account_links by name
from same_account as s
anti join history.account_links as t using (provider, connection_id, account_id, other_provider, other_connection_id, other_account_id);
