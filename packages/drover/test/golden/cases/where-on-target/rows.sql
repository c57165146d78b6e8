insert into legacy.customers values (1, 'ann@x.org'), (2, 'Ann@x.org'), (3, null), (4, 'bob@test.example');
insert into legacy.carts values (11, 1, '5'), (12, 2, '0'), (13, 3, '7'), (14, 4, '8'), (15, 1, 'free'), (16, null, '0.00'), (17, 9, '9');
