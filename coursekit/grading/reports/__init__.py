"""What people and learning platforms read of finished results. Nothing here has a say in a grade.

scores     a submission with all checks of the course, and the class as a whole
text       what students wrote, made fit for pages and tables
exports    grades.csv, and results.json as Gradescope reads it
pages      the pages for a student and for the staff, drawn by the templates in `templates/`
report     all of it, written into a folder of grades
"""
