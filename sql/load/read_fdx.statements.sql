-- Pages of the statements of one account.
insert into page by name
select * exclude (body), body.statements as list
from landed;
