"""What people and programs read: pages, tables and lines made from Grades, which nothing here changes."""
