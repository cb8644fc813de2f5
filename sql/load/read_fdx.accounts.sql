-- Pages of accounts of every kind.
insert into page by name
select * exclude (body), body.accounts as list
from landed;
