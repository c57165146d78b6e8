insert into legacy.pages values ('/Home', 5), ('/about', 2), ('/Imprint', 0), ('/shop/Bells', 3);
insert into legacy.links values (1, '/home'), (2, '/SHOP/bells'), (3, '/nowhere');
