-- One page is the contact data of the account in the request's path.
insert into record_item by name
select 'contact' as family, 'fdx.account_contacts' as table_name, provider, connection_id, coalesce(account_id, nullif(list[1]->>'accountId', '')) as record_id,
  record_id as account_id, false as broken, run_id, page_id, pull_id, fetched_at::timestamptz as fetched_at, 0 as position, list[1] as doc,
  case when record_id is null then 'ID_MISSING' end as problem
from page
where len(list) > 0;

insert into rejected
select provider, connection_id, page_id, table_name, page_id || '/contact/' || position, case problem when 'ID_MISSING' then 'accountId' else 'contact' end, problem,
  left(doc::varchar, 200), fetched_at
from record_item where problem is not null;
