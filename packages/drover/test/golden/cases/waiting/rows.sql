insert into legacy.customers values (1, 'Ann'), (2, null), (3, 'Cid');
insert into legacy.orders values (11, 1), (12, 2), (13, 3), (14, 4);
insert into legacy.order_lines values (101, 11), (102, 12), (103, 12), (104, 14), (105, 15);
insert into legacy.reviews values (1, 11), (2, 12), (3, 15), (4, null);
