-- Pages of the transactions of one account.
insert into arrived by name
select * exclude (body), body.transactions as list
from landed;
