-- Items that are no transactions, or whose account nobody says.
insert into rejected
select p.provider, p.connection_id, p.page_id, if(starts_with(i.table_name, 'fdx.'), 'fdx.transactions', i.table_name),
  concat_ws('/', p.page_id, if(i.table_name = 'flinks.transactions', 'Accounts', if(i.nth_account is null, null, 'accounts')), i.nth_account,
    if(i.table_name = 'flinks.transactions', 'Transactions', 'transactions'), i.position),
  case i.problem when 'ID_MISSING' then 'accountId' else if(i.table_name = 'flinks.transactions', 'Transactions', 'transactions') end, i.problem,
  left(coalesce(i.j."@invalid", json_merge_patch('{}', to_json(i.j))::varchar), 200), p.fetched_at::timestamptz
from item as i join page as p using (n) where i.problem is not null;
