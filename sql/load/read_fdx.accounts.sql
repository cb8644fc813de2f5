-- Pages of accounts of every kind.
insert into arrived by name
select * exclude (body), body.accounts as list
from landed;
