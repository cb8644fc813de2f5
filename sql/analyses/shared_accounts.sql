-- Accounts that several connections see, each pair once: count their balances once.
-- A pair of which one connection has ended (is_replaced) is in the marts once already.
select l.provider, l.connection_id, l.account_id, l.other_provider, l.other_connection_id, l.other_account_id, l.rule, l.score, l.is_replaced or r.is_replaced as is_replaced
from mart.account_links as l
join mart.account_links as r
  on r.provider = l.other_provider and r.connection_id = l.other_connection_id and r.account_id = l.other_account_id
  and r.other_provider = l.provider and r.other_connection_id = l.connection_id and r.other_account_id = l.account_id
where (l.provider, l.connection_id, l.account_id) < (l.other_provider, l.other_connection_id, l.other_account_id)
order by l.score desc, l.provider, l.connection_id, l.account_id, l.other_provider, l.other_connection_id, l.other_account_id;
