insert into legacy.settings values (true, null);
