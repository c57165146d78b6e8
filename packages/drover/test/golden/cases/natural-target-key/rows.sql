insert into legacy.countries values (40, 'at', 'Austria'), (276, 'de', 'Germany'), (756, 'ch', 'Switzerland');
insert into legacy.addresses values (1, 'Wien', 40), (2, 'Bern', 756), (3, 'Atlantis', null), (4, 'Oslo', 578);
