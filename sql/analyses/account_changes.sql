-- What changed of an account besides its balance: product, status, limits, rates; newest first.
select changed_at, provider, connection_id, account_id, field, before, after
from mart.account_changes
order by changed_at desc, provider, connection_id, account_id, field;
