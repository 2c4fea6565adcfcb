"""Appointments, reminders, calendar files and video."""
