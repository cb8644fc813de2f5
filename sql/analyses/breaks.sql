-- Where stated balances and posted transactions do not add up, the largest differences first: what to look into, or replay.
select provider, connection_id, account_id, account_kind, currency, from_day, to_day, opening, movements, closing, difference
from mart.breaks
order by abs(difference) desc, provider, connection_id, account_id, to_day;
