insert into legacy.invoices values (7, 10, 2), (8, 20, 4), (9, 30, 6), (11, 0, 0);
