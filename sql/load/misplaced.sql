-- Pages with transactions that came before anybody knew the kind of their account, which is known by now: they are
-- read again. Only pages whose segment is still there ($1).
create or replace temp table misplaced as
select p.page_id, p.segment, p.pull_id
from ops.pages as p
where p.segment in (select unnest(from_json($1::json, '["VARCHAR"]')))
  and p.page_id in (
    select t.page_id
    from fdx.other_transactions as t
    join ops.unsettled as u using (provider, connection_id, account_id)
    join known_records as a on a.family = 'account' and a.provider = t.provider and a.connection_id = t.connection_id and a.record_id = t.account_id
    where t.account_category is null and t.wrapper is null and transaction_table_of_account_table(a.table_name) <> 'fdx.other_transactions'
  );
