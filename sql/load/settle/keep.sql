delete from history.transaction_links as t using near as n
where t.provider = n.provider and t.connection_id = n.connection_id and t.account_id = n.account_id
  and (t.superseded_day is null or n.from_day is null or t.superseded_day >= n.from_day);

insert into history.transaction_links by name
select provider, connection_id, account_id, q_id as transaction_id, q_ordinal as ordinal, p_id as supersedes_transaction_id, p_ordinal as supersedes_ordinal,
  rule, score::decimal(4, 3) as score, p_day as superseded_day
from link;

delete from ops.unsettled;
