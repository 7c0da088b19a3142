"""The hospital itself: campuses, departments, rooms, devices, shifts, calendar, catalogue, prices and forms."""
