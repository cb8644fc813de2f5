-- Consents that have lapsed or end within 30 days: whom to ask to connect again.
select provider, connection_id, label, standing, ends_at, days_left
from mart.consent_clock
where standing in ('lapsed', 'ends within 7 days', 'ends within 30 days')
order by days_left nulls first;
