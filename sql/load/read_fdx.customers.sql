-- Pages of customers.
insert into page by name
select * exclude (body), body.customers as list
from landed;
