-- What an account was called and allowed, whenever that changed. A member that a page leaves out is what it was.
create or replace temp table sighting as
with told as (
  select provider, connection_id, record_id as account_id, kind, fetched_at as known_from, page_id, false as is_kept,
    json_transform(doc, '{"accountType":"VARCHAR","productName":"VARCHAR","nickname":"VARCHAR","description":"VARCHAR","status":"VARCHAR","currency":"JSON","accountNumberDisplay":"VARCHAR",
      "routingTransitNumber":"VARCHAR","interestRate":"VARCHAR","creditLine":"VARCHAR","maturityDate":"VARCHAR","balanceType":"VARCHAR","lineOfBusiness":"VARCHAR",
      "Title":"VARCHAR","Type":"VARCHAR","Category":"VARCHAR","TransitNumber":"VARCHAR","OverdraftLimit":"VARCHAR","LastFourDigits":"VARCHAR"}') as j,
    json_extract_string(doc, '$.Balance.Limit') as "limit",
    -- Names of a struct differ in more than case, so Flinks' Currency stands beside it.
    json_extract_string(doc, '$.Currency') as flinks_currency
  from record_item
  where family = 'account' and problem is null and not broken
), every_one as (
  select provider, connection_id, account_id, known_from, page_id, is_kept, kind, coalesce(j.accountType, j.Type) as account_type, coalesce(j.productName, j.Title) as product_name,
    j.nickname as nickname, j.description as description, j.status as status,
    coalesce(j.currency->>'$.currencyCode', case json_type(j.currency) when 'VARCHAR' then j.currency->>'$' end, flinks_currency) as currency,
    coalesce(j.accountNumberDisplay, j.LastFourDigits) as account_number_display, coalesce(j.routingTransitNumber, j.TransitNumber) as routing_transit_number,
    j.interestRate as interest_rate, coalesce(j.creditLine, "limit") as credit_limit, j.OverdraftLimit as overdraft_limit, j.maturityDate as maturity_date, j.balanceType as balance_type,
    coalesce(j.lineOfBusiness, j.Category) as line_of_business
  from told
  union all by name
  select h.*, true as is_kept from history.account_versions as h
  semi join told as t on t.provider = h.provider and t.connection_id = h.connection_id and t.account_id = h.account_id
), filled as (
  select provider, connection_id, account_id, known_from, page_id, is_kept, kind,
    last_value(columns(e.* exclude (provider, connection_id, account_id, known_from, page_id, is_kept, kind)) ignore nulls) over so_far
  from every_one as e
  window so_far as (partition by provider, connection_id, account_id order by known_from, page_id rows between unbounded preceding and current row)
)
select *, row_number() over in_time = 1 or said is distinct from lag(said) over in_time as is_new
from (select *, hash(kind, account_type, product_name, nickname, description, status, currency, account_number_display, routing_transit_number,
  interest_rate, credit_limit, overdraft_limit, maturity_date, balance_type, line_of_business) as said from filled)
window in_time as (partition by provider, connection_id, account_id order by known_from, page_id);

delete from history.account_versions as t using sighting as s
where s.is_kept and not s.is_new and t.provider = s.provider and t.connection_id = s.connection_id and t.account_id = s.account_id and t.known_from = s.known_from and t.page_id = s.page_id;

insert into history.account_versions by name
select * exclude (is_kept, is_new, said) from sighting where is_new and not is_kept;
