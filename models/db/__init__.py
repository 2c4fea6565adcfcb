"""Opening the database, transactions, migrating, and the rules that it keeps."""
