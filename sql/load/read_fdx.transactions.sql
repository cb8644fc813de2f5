-- Pages of the transactions of one account; the transactions themselves are read by a statement of their own.
insert into page by name
select * exclude (body)
from landed;
