"""Calendars: times that are left out of what windows are held against."""
