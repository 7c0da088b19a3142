"""The hospital itself: campuses, rooms, devices, shifts, calendar, catalogue, prices and forms."""
