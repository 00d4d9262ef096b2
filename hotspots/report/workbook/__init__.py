"""The workbook for the meeting."""
