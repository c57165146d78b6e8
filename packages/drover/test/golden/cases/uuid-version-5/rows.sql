insert into legacy.customers values ('cus_1'), ('Müller'), ('');
