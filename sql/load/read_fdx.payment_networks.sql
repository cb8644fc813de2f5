-- Pages of the payment networks of one account.
insert into page by name
select * exclude (body), body.paymentNetworks as list
from landed;
